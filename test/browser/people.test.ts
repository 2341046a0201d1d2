import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestProvider, type TestProvider } from '../../apps/server/src/testing/identity-provider.ts'
import { MovedClock } from '../../apps/server/src/testing/test-clock.ts'
import { openTestServer, PASSWORD, type TestServer } from '../../apps/server/src/testing/test-server.ts'
import { axeFindings, type Browser, launchBrowser, type Window } from './browser.ts'

/** The pages of one's own account and of administration, used as a person would. The tests tell one story. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = mkdtempSync(join(tmpdir(), 'vedette-console-'))
const OWN_PASSWORD = 'a loud evening in the hills'
const clock = new MovedClock()
const pictures = process.env['VEDETTE_PICTURES']
let server: TestServer
let provider: TestProvider
let browser: Browser
let window: Window
let page: Page

beforeAll(async () => {
  chmodSync(built, 0o755)
  execFileSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', 'apps/console', '--outDir', built, '--emptyOutDir'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' }, stdio: 'pipe' },
  )
  server = await openTestServer({ console: built, clock })
  provider = await openTestProvider()
  browser = await launchBrowser()
  window = await browser.open({ colorScheme: 'dark' })
  page = window.page
  await post('/auth/setup', { token: server.setupToken, name: 'anna', password: PASSWORD })
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await provider?.[Symbol.asyncDispose]()
  rmSync(built, { recursive: true })
})

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return { status: response.status, cookie, body: (await response.json()) as Record<string, unknown> }
}

/** Whose a key or session is, by the API. */
async function nameBy(headers: Record<string, string>): Promise<unknown> {
  const { body } = await post('/graphql', { query: '{ me { name } }' }, headers)
  return (body['data'] as { me?: { name: string } } | undefined)?.me?.name
}

async function picture(name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) })
}

const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
const dialog = () => page.getByRole('dialog')
const inDialog = (name: string | RegExp) => dialog().getByRole('button', { name }).click()

test('an account: an authenticator app, a session ended, a key made, the password changed', async () => {
  await page.goto(server.url)
  await page.getByLabel('Name').fill('anna')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await press('Sign in')
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('y')
  await page.getByRole('heading', { name: 'You are anna, an admin' }).waitFor()
  await page.getByText('Your password alone opens this account').waitFor()

  await press('Set up…')
  await page.getByLabel('Your password').fill('not the password at all')
  await inDialog('Go on')
  await dialog().getByText('The password is wrong').waitFor()
  await page.getByLabel('Your password').fill(PASSWORD)
  await inDialog('Go on')
  const code = dialog().getByLabel('The six digits')
  await code.waitFor()
  const secret = ((await dialog().locator('code').textContent()) ?? '').replaceAll(' ', '')
  expect(await axeFindings(page)).toEqual([])
  await picture('account-authenticator')
  await code.fill('000000')
  await inDialog('Turn it on')
  await dialog().getByText('This is not the code of now').waitFor()
  await code.fill(new TOTP({ secret }).generate({ timestamp: clock.now() }))
  await inDialog('Turn it on')
  await dialog().getByRole('heading', { name: 'Keep these recovery codes' }).waitFor()
  const [recovery = ''] = ((await dialog().locator('pre').textContent()) ?? '').split('\n')
  await picture('account-recovery-codes')
  // What is shown once does not go by a slip of the hand.
  await page.keyboard.press('Escape')
  await inDialog('I have kept it')
  await page.getByText('10 recovery codes are left').waitFor()

  // Elsewhere: in by a recovery code, and out again from here.
  const there = await post('/auth/sign-in', { name: 'anna', password: PASSWORD, code: recovery })
  expect(there.status).toBe(200)
  await page.reload()
  await page.getByText('9 recovery codes are left').waitFor()
  await page
    .getByRole('button', { name: /^End the session of/ })
    .first()
    .click()
  await picture('account-end-session')
  await inDialog('End the session')
  await page.getByText('1 session ended').waitFor()
  expect(await nameBy({ cookie: there.cookie, origin: server.url })).toBeUndefined()

  await page.keyboard.press('c')
  await dialog().getByLabel('Name').fill('nightly-report')
  await dialog().getByLabel('these operations of it').check()
  await dialog().getByLabel('Operations, one a line').fill('Query.alert\nQuery.no_such_thing')
  await dialog().getByLabel('Your password').fill(PASSWORD)
  await picture('account-new-key')
  await inDialog('Make the key')
  await dialog().getByText('there is no Query.no_such_thing').waitFor()
  await dialog().getByLabel('reading of it').check()
  await inDialog('Make the key')
  await dialog().getByRole('heading', { name: 'The key nightly-report' }).waitFor()
  const key = (await dialog().locator('pre').textContent()) ?? ''
  await inDialog('I have kept it')
  expect(await nameBy({ authorization: `Bearer ${key}` })).toBe('anna/nightly-report')
  const changing = await post(
    '/graphql',
    { query: 'mutation { addTenant(name: "x1") { id } }' },
    { authorization: `Bearer ${key}` },
  )
  expect(JSON.stringify(changing.body)).toContain('forbidden')
  expect(await axeFindings(page)).toEqual([])
  await picture('account')

  await press('Take back the key nightly-report')
  await inDialog('Take it back')
  await page.getByText('None. With a key').waitFor()
  expect(await nameBy({ authorization: `Bearer ${key}` })).toBeUndefined()

  clock.forward(600_000)
  await press('Change…')
  await dialog().getByLabel('Your password').fill(PASSWORD)
  await dialog().getByLabel('New password', { exact: true }).fill(OWN_PASSWORD)
  await dialog().getByLabel('The new password again').fill(PASSWORD)
  await inDialog('Change the password')
  await dialog().getByText('not the same').waitFor()
  await dialog().getByLabel('The new password again').fill(OWN_PASSWORD)
  await inDialog('Change the password')
  await page.getByText('Your password is another one now').waitFor()
  expect((await post('/auth/sign-in', { name: 'anna', password: PASSWORD })).body['error']).toMatchObject({
    code: 'sign-in-refused',
  })
})

test('administration: a tenant, somebody with a role in each, a key, and the ways to take it all back', async () => {
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.getByRole('heading', { name: /One person may sign in, all with a second factor/ }).waitFor()

  await page.getByRole('link', { name: 'Tenants' }).click()
  await page.keyboard.press('c')
  await dialog().getByLabel('Name').fill('Harbour')
  await inDialog('Add the tenant')
  await page.getByRole('heading', { name: '2 tenants' }).waitFor()
  await press('Rename Harbour')
  await dialog().getByLabel('Name').fill('Port')
  await inDialog('Rename it')
  await page.getByRole('cell', { name: 'Port', exact: true }).waitFor()
  expect(await axeFindings(page)).toEqual([])
  await picture('administration-tenants')

  await page.getByRole('link', { name: 'People' }).click()
  await page.keyboard.press('c')
  await dialog().getByLabel('Name').fill('anna')
  await dialog().getByLabel('What they are').selectOption('analyst')
  await inDialog('Add them')
  await dialog().getByText('is taken').waitFor()
  await dialog().getByLabel('Name').fill('bea')
  await inDialog('Add them')
  await dialog().getByRole('heading', { name: 'bea may sign in' }).waitFor()
  const password = (await dialog().locator('pre').textContent()) ?? ''
  await picture('administration-first-password')
  await inDialog('I have kept it')
  const bea = await post('/auth/sign-in', { name: 'bea', password, new_password: OWN_PASSWORD })
  expect(bea.status).toBe(200)

  await page.getByRole('link', { name: 'bea' }).click()
  await dialog().getByLabel('What bea is in Port').selectOption('engineer')
  await page.getByText('bea is engineer in Port').waitFor()
  expect(page.url()).toBe(`${server.url}/administration?person=bea`)
  expect(await axeFindings(page)).toEqual([])
  await picture('administration-person')
  await inDialog('Close')
  await page.getByRole('cell', { name: 'analyst in first, engineer in Port' }).waitFor()
  expect(await axeFindings(page)).toEqual([])
  await picture('administration-people')

  await page.getByRole('link', { name: 'Signed in' }).click()
  await page.getByRole('heading', { name: /2 people are signed in/ }).waitFor()
  await picture('administration-sessions')
  await press(/^End the session of bea/)
  await inDialog('End the session')
  await page.getByRole('heading', { name: /One person is signed in/ }).waitFor()
  expect(await nameBy({ cookie: bea.cookie, origin: server.url })).toBeUndefined()

  await page.getByRole('link', { name: 'Keys' }).click()
  await page.getByRole('heading', { name: 'No program has a key' }).waitFor()
  await page.keyboard.press('c')
  await dialog().getByLabel('Name').fill('siem-export')
  await dialog().getByLabel('Its role').selectOption('auditor')
  await inDialog('Make the key')
  await dialog().getByRole('heading', { name: 'The key siem-export' }).waitFor()
  await inDialog('I have kept it')
  await page.getByRole('cell', { name: 'siem-export', exact: true }).waitFor()
  await picture('administration-keys')
  expect(await axeFindings(page)).toEqual([])
  await press('Take back the key siem-export')
  await inDialog('Take it back')
  await page.getByRole('heading', { name: 'No program has a key' }).waitFor()

  await page.goto(`${server.url}/administration?person=bea`)
  await inDialog('Shut out…')
  await picture('administration-shut-out')
  await inDialog('Shut out bea')
  await page.getByText('bea is shut out').waitFor()
  const refused = await post('/auth/sign-in', { name: 'bea', password: OWN_PASSWORD })
  expect(refused.status).toBe(401)
  await inDialog('Remove…')
  await inDialog('Remove bea')
  await page.getByText('The account bea is gone').waitFor()
  await expect.poll(() => page.getByRole('link', { name: 'bea' }).count()).toBe(0)

  await page.goto(`${server.url}/administration?show=roles`)
  await page.getByRole('heading', { name: 'Six roles of the house, none of your own' }).waitFor()
  await page.keyboard.press('c')
  await dialog().getByLabel('Name').fill('night-watch')
  await dialog().getByLabel('What it is for').fill('alerts at night')
  await dialog().getByLabel('Policies').fill('permit(principal, action == Action::"Query.alrt", resource);')
  await inDialog('Make the role')
  await dialog().getByText('line 1, column 29').waitFor()
  await picture('administration-role-refused')
  await dialog().getByLabel('Policies').fill('permit(principal, action in Action::"analyst", resource);')
  await inDialog('Make the role')
  await page.getByRole('cell', { name: 'night-watch', exact: true }).waitFor()
  expect(await axeFindings(page)).toEqual([])
  await picture('administration-roles')

  await page.getByRole('link', { name: 'Identity providers' }).click()
  await page.getByRole('heading', { name: 'People have passwords here' }).waitFor()
  await page.keyboard.press('c')
  await dialog().getByLabel('Name, as it stands').fill('corp')
  await dialog().getByLabel('Issuer').fill(provider.issuer)
  await dialog().getByLabel('Client id').fill(provider.clientId)
  await dialog().getByLabel('Client secret').fill(provider.clientSecret)
  await dialog().getByLabel('What its values').fill('soc = night-watch\nlead = admin @ Port')
  await picture('administration-provider')
  await inDialog('Add it')
  await page.getByRole('cell', { name: /soc = night-watch, lead = admin @ Port/ }).waitFor()
  await picture('administration-providers')

  await page.getByRole('link', { name: 'Organisations' }).click()
  await page.keyboard.press('c')
  await dialog().getByLabel('Name').fill('Fisher')
  await dialog().getByLabel('Who looks after it').fill('carl')
  await inDialog('Found it')
  await dialog().getByRole('heading', { name: 'Fisher/carl may sign in' }).waitFor()
  await inDialog('I have kept it')
  await page.getByRole('cell', { name: 'Fisher', exact: true }).waitFor()
  expect(await axeFindings(page)).toEqual([])
  await picture('administration-organisations')

  // The last admin stays, and the page says why.
  await page.goto(`${server.url}/administration?person=anna`)
  await inDialog('Shut out…')
  await dialog().getByText('This is your own account').waitFor()
  await inDialog('Shut out anna')
  await dialog().getByText('no admin would be left').waitFor()
  expect(window.complaints).toEqual([])
})

test('a passkey: made, enough by itself, asked for besides the password, and no use as a copy', async () => {
  clock.forward(600_000)
  const { data } = (
    await post(
      '/graphql',
      { query: 'mutation { addUser(name: "carl", role: "viewer") { password } }' },
      { authorization: `Bearer ${server.cliToken}` },
    )
  ).body as { data: { addUser: { password: string } } }
  await post('/auth/sign-in', { name: 'carl', password: data.addUser.password, new_password: OWN_PASSWORD })

  await using other = await browser.open({ colorScheme: 'dark' })
  const { page: his } = other
  const device = await his.context().newCDPSession(his)
  await device.send('WebAuthn.enable')
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const within = his.getByRole('dialog')
  const click = (name: string | RegExp) => his.getByRole('button', { name, exact: true }).click()
  const typeIn = async () => {
    await his.getByLabel('Name').fill('carl')
    await his.getByLabel('Password', { exact: true }).fill(OWN_PASSWORD)
    await click('Sign in')
  }
  const isIn = () => his.getByRole('button', { name: /^You are carl/ }).waitFor()
  const out = async () => {
    clock.forward(600_000)
    await his.getByRole('button', { name: /settings and sign out/ }).click()
    await click('Sign out')
    await his.getByLabel('Name').waitFor()
  }

  // At an address there are none: a passkey is bound to a name.
  await his.goto(`${server.url}/account`)
  expect(await his.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0)
  await typeIn()
  await his.getByText('Open this page by its name').waitFor()

  const named = server.url.replace('127.0.0.1', 'localhost')
  await his.goto('about:blank')
  await his.goto(`${named}/account`)
  await click('Sign in with a passkey')
  await his.getByText('No passkey was given').waitFor()
  await typeIn()
  await isIn()
  await click('Add…')
  await within.getByLabel('What you call the device').fill('laptop')
  await within.getByLabel('Your password').fill(OWN_PASSWORD)
  await within.getByRole('button', { name: 'Ask the device' }).click()
  await his.getByText('laptop, for localhost, never used').waitFor()
  expect(await axeFindings(his)).toEqual([])
  if (pictures !== undefined) await his.screenshot({ path: join(pictures, 'account-passkey.png') })
  const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId })
  expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }])

  await out()
  if (pictures !== undefined) await his.screenshot({ path: join(pictures, 'sign-in-passkey.png') })
  await click('Sign in with a passkey')
  await isIn()
  await his.getByText(/laptop, for localhost, used/).waitFor()

  // With it the password alone is not enough any more.
  await out()
  await typeIn()
  await his.getByText('This account also wants its passkey').waitFor()
  if (pictures !== undefined) await his.screenshot({ path: join(pictures, 'sign-in-passkey-needed.png') })
  await click('Use a passkey')
  await isIn()

  // A device that somebody else can open but did not: present, not verified.
  await out()
  await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await click('Sign in with a passkey')
  await his.getByText('No passkey was given').waitFor()
  await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })

  // A copy of it counts from where it was copied.
  const [copy] = credentials
  if (!copy) throw new Error('the device has no passkey')
  await device.send('WebAuthn.clearCredentials', { authenticatorId })
  await device.send('WebAuthn.addCredential', { authenticatorId, credential: { ...copy, signCount: 0 } })
  await click('Sign in with a passkey')
  await his.getByText('it may have been copied').waitFor()
  await device.send('WebAuthn.clearCredentials', { authenticatorId })
  await device.send('WebAuthn.addCredential', { authenticatorId, credential: { ...copy, signCount: 100 } })
  await click('Sign in with a passkey')
  await isIn()

  clock.forward(600_000)
  await click('Remove the passkey laptop')
  await within.getByLabel('Your password').fill(OWN_PASSWORD)
  await within.getByRole('button', { name: 'Remove it' }).click()
  await his.getByText('opens nothing any more').waitFor()
  await out()
  await click('Sign in with a passkey')
  await his.getByText('This passkey opens nothing here').waitFor()
  await typeIn()
  await isIn()
  expect(other.complaints).toEqual([])
})

test('somebody whom an identity provider proves: in with a role of the tenant, and out without one', async () => {
  clock.forward(600_000)
  provider.proves({ claims: { sub: '7', preferred_username: 'dora', groups: ['soc'] } })
  await using other = await browser.open({ colorScheme: 'dark' })
  const { page: her } = other
  await her.goto(`${server.url}/`)
  await her.getByRole('button', { name: 'Sign in through corp' }).waitFor()
  if (pictures !== undefined) await her.screenshot({ path: join(pictures, 'sign-in-provider.png') })
  await her.getByRole('button', { name: 'Sign in through corp' }).click()
  await her.getByRole('button', { name: /^You are dora-[0-9a-f]{6}@corp/ }).waitFor()
  await her.goto(`${server.url}/account`)
  await her.getByText('The identity provider of your organisation proves you').waitFor()
  await her.getByRole('heading', { name: /a night-watch$/ }).waitFor()

  provider.proves({ claims: { sub: '7', groups: [] } })
  await her.getByRole('button', { name: /settings and sign out/ }).click()
  await her.getByRole('button', { name: 'Sign out', exact: true }).click()
  await her.getByRole('button', { name: 'Sign in through corp' }).click()
  await her.getByText('You have no role here').waitFor()
  expect(her.url()).not.toContain('refused')
  // To the provider and back is the one way to another origin.
  expect(
    other.complaints.filter((text) => !text.startsWith(`foreign: ${provider.issuer}/authorize`)),
  ).toEqual([])
})
