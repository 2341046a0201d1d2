import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MovedClock } from '../../apps/server/src/testing/test-clock.ts'
import { openTestServer, PASSWORD, type TestServer } from '../../apps/server/src/testing/test-server.ts'
import { axeFindings, type Browser, launchBrowser } from './browser.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = mkdtempSync(join(tmpdir(), 'vedette-console-'))
const OWN_PASSWORD = 'a loud evening in the hills'
const clock = new MovedClock()
let server: TestServer
let browser: Browser

beforeAll(async () => {
  chmodSync(built, 0o755)
  execFileSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', 'apps/console', '--outDir', built, '--emptyOutDir'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' }, stdio: 'pipe' },
  )
  server = await openTestServer({ console: built, clock })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  rmSync(built, { recursive: true })
})

async function post(path: string, body: object, headers: Record<string, string>) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '', body: await response.json() }
}

/** Acts as the operator. */
const operate = async (query: string) => {
  const { body } = await post('/graphql', { query }, { authorization: `Bearer ${server.cliToken}` })
  return body as { data: { addUser: { password: string } } }
}

test('a first password is replaced at the sign-in, a second factor is asked for, and a role sees its own buttons', async () => {
  await post('/auth/setup', { token: server.setupToken, name: 'anna', password: PASSWORD }, {})
  const { data } = await operate('mutation { addUser(name: "bea", role: "analyst") { password } }')
  const { page } = await browser.open()
  await page.goto(server.url)
  await page.getByLabel('Name').fill('bea')
  await page.getByLabel('Password', { exact: true }).fill(data.addUser.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Somebody else made this password').waitFor()
  expect(await axeFindings(page)).toEqual([])
  const pictures = process.env['VEDETTE_PICTURES']
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'new-password.png') })
  await page.getByLabel('New password').fill(OWN_PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: /^You are bea/ }).waitFor()

  // Of what an analyst may do: an incident by hand, and no indicator.
  await page.goto(`${server.url}/incidents`)
  await page
    .getByRole('button', { name: /incident/i })
    .first()
    .waitFor()
  await page.goto(`${server.url}/indicators`)
  await page.getByRole('heading', { name: 'Indicators' }).waitFor()
  expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0)

  const { cookie } = await post('/auth/sign-in', { name: 'bea', password: OWN_PASSWORD }, {})
  const own = { cookie, origin: server.url }
  const begun = await post('/auth/second-factor/begin', { password: OWN_PASSWORD }, own)
  const { secret } = begun.body as { secret: string }
  const code = () => new TOTP({ secret }).generate({ timestamp: clock.now() })
  await post('/auth/second-factor/confirm', { code: code() }, own)
  clock.forward(60_000)

  // Her sessions end elsewhere: the page knows within a second, and asks.
  await operate('mutation { endSessions(name: "bea") }')
  await page.getByText('Your session has ended').waitFor()
  await page.getByLabel('Name').fill('bea')
  await page.getByLabel('Password', { exact: true }).fill(OWN_PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  const field = page.getByLabel('Code of your authenticator app')
  await field.fill('000000')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This code is wrong').waitFor()
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'second-factor.png') })
  await field.fill(code())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: /^You are bea/ }).waitFor()
})
