import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type House, startHouse } from '../house.ts'
import { axeFindings, type Browser, launchBrowser, type Window } from './browser.ts'
import { type Conversation, prepareConversation } from './conversation.ts'
import { EVIL_NAME, type Intruder, type Service, startService } from './intruder.ts'
import { type Line, layLine } from './line.ts'

/**
 * The console as a person meets it: the real server and sensor, real attacks on this machine, a real Chromium. The tests
 * tell one story and run in this order. Pictures of the pages go to the folder VEDETTE_PICTURES, such as docs/images.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const NAME = 'anna'
/** For what the whole house has to do: a busy machine is slow, and slow is not wrong. */
const PATIENCE = { timeout: 30_000, interval: 250 }
const PASSWORD = 'a fox sleeps under the bridge'

let service: Service
let conversation: Conversation
let house: House
let line: Line
let browser: Browser
let opened: Window
let page: Page
let intruder: Intruder

beforeAll(async () => {
  execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'apps/console'], {
    cwd: root,
    // Not that of this test, which would build React's own debugging in.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'pipe',
  })
  browser = await launchBrowser()
  service = await startService('shop-server')
  conversation = await prepareConversation()
  house = await startHouse({ args: ['--config', conversation.config] })
  line = await layLine(house.ready.url)
  opened = await browser.open()
  page = opened.page
  page.setDefaultTimeout(PATIENCE.timeout)
})

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    const body = await page.locator('body').innerText()
    process.stderr.write(`\nThe page at ${page.url()} says:\n${body}\n${house.output()}\n`)
  })
})

afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  await browser?.[Symbol.asyncDispose]()
  await line?.[Symbol.asyncDispose]()
  await house?.[Symbol.asyncDispose]()
  await conversation?.[Symbol.asyncDispose]()
})

const rows = (where = page) => where.locator('.alert-line')
/** Which alerts the list shows, in order. */
const shown = () =>
  rows()
    .locator('.title-cell a')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
const current = () => page.locator('.alert-line.current .title-cell a').textContent()

describe('the first minute', () => {
  test('a wrong setup token is refused in words', async () => {
    await page.goto(line.url)
    await page.getByLabel('Setup token').fill('wrong')
    await page.getByLabel('Name').fill(NAME)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Make the account and sign in' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toMatch(/token/i)
  })

  test('the address that `vedette up` prints makes the first account, and the token leaves the address bar', async () => {
    await page.goto('about:blank')
    await page.goto(`${line.url}/#token=${house.ready.setupToken}`)
    await page.getByText('The setup token came with the address').waitFor()
    expect(page.url()).toBe(`${line.url}/`)
    await page.getByLabel('Name').fill(NAME)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await page.locator('h1.sentence').waitFor()
    expect(await page.title()).toBe('Overview · Vedette')
  })

  test('signing out asks for name and password, and leads back to the same page', async () => {
    await page.goto(`${line.url}/hosts`)
    await page.getByRole('button', { name: /settings and sign out/ }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByLabel('Name').fill(NAME)
    await page.getByLabel('Password').fill('not the password at all')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Hosts' }).waitFor()
    expect(page.url()).toBe(`${line.url}/hosts`)
  })

  test('a page without anything says what to do next', async () => {
    await page.goto(`${line.url}/alerts?q=no-such-thing-anywhere`)
    await page.getByRole('heading', { name: 'No alert matches' }).waitFor()
    await page.getByRole('link', { name: 'See all alerts' }).waitFor()
    await page.goto(`${line.url}/no/such/page`)
    await page.getByRole('heading', { name: 'No such page' }).waitFor()
    await page.goto(`${line.url}/alerts/no-such-alert`)
    await page.getByRole('heading', { name: 'No such alert' }).waitFor()
  })
})

describe('an attack', () => {
  test('appears by itself where nothing was, and is told with its process tree', async () => {
    await page.goto(`${line.url}/alerts`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    intruder = await service.breakIn()
    await intruder.order('id')
    await expect.poll(() => alertOf(intruder), PATIENCE).toBeDefined()
    await expect.poll(() => offered(page), PATIENCE).toBe(true)
    await page.keyboard.press('n')
    const mine = rows().filter({ hasText: service.name }).first()
    await mine.waitFor()
    expect(await mine.locator('.severity').textContent()).toMatch(/Critical|High/)
  })

  test('later ones wait above the list and move nothing', async () => {
    const before = await shown()
    const box = await rows().first().boundingBox()
    await intruder.order('for program in ./ev*; do "$program" 0.5; done')
    await page.getByRole('button', { name: /new, show/ }).waitFor()
    expect(await shown()).toEqual(before)
    expect(await rows().first().boundingBox()).toEqual(box)
    await page.getByRole('button', { name: /new, show/ }).click()
    await expect.poll(() => rows().count()).toBeGreaterThan(before.length)
    await page.getByRole('button', { name: /new, show/ }).waitFor({ state: 'detached' })
  })

  test("an attacker's text is shown letter by letter", async () => {
    await page.goto(`${line.url}/alerts?q=${encodeURIComponent('gpj.li')}`)
    await rows().first().waitFor()
    const text = await page.locator('body').innerText()
    for (const character of ['\u202E', '\u001b']) {
      expect(EVIL_NAME).toContain(character)
      expect(text).not.toContain(character)
    }
    const tokens = await page.locator('.list .hidden-character').allTextContents()
    expect(tokens).toEqual(expect.arrayContaining(['\\u202E', 'ESC']))
    expect(text).toContain('<img src=x onerror=alert(1)>')
    expect(await page.locator('img').count()).toBe(0)
  })

  test('is worked through with the keyboard alone', async () => {
    await page.goto(`${line.url}/alerts`)
    await rows().first().waitFor()
    await page.keyboard.press('j')
    const first = await current()
    expect(await focused()).toBe(first)
    await page.keyboard.press('j')
    expect(await rows().nth(1).getAttribute('class')).toContain('current')
    await page.keyboard.press('k')
    expect(await rows().nth(0).getAttribute('class')).toContain('current')
    await page.keyboard.press('Space')
    await page.getByText('1 alert selected').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('1 alert selected').waitFor({ state: 'detached' })

    const scrolled = await page.evaluate(() => window.scrollY)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/alerts\/.+/)
    await page.goBack()
    await page.waitForURL(`${line.url}/alerts`)
    await expect.poll(focused).toBe(first)
    expect(await page.evaluate(() => window.scrollY)).toBe(scrolled)

    await page.keyboard.press('/')
    await page.keyboard.type('no-such-thing-anywhere')
    await page.waitForURL(/q=no-such-thing-anywhere/)
    await page.goBack()
    await page.waitForURL(`${line.url}/alerts`)
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('is explained: what matched is marked where it stands, and the process has its place in the tree', async () => {
    await openShellAlert()
    const hit = page.locator('.tree-row.hit')
    expect(await hit.locator('.tree-pid').textContent()).toBe(String(intruder.pid))
    expect(await hit.locator('.tree-process strong').textContent()).toMatch(/^(?:sh|dash|bash)/)
    const tree = await page.locator('.tree-row').count()
    expect(tree).toBeGreaterThan(2)
    const why = page.locator('.panel', { hasText: 'Why this is an alert' })
    expect(await why.locator('mark').count()).toBeGreaterThan(0)
    expect(await why.getByText('Rule', { exact: true }).count()).toBe(1)
    const points = await page.locator('.ledger b').allTextContents()
    expect(points.length).toBeGreaterThan(0)
    await page.getByRole('img', { name: /Ten minutes around it/ }).waitFor()
  })

  test('is answered: the preview names what would be touched, freeze stops it, thaw lets it go', async () => {
    await page.keyboard.press('r')
    const dialog = page.getByRole('dialog', { name: /Respond on/ })
    await dialog.getByText(/would be frozen/).waitFor()
    expect(await dialog.locator('.affected').innerText()).toContain(String(intruder.pid))
    expect(intruder.state()).not.toBe('T')
    await dialog.getByLabel('Why, for the audit log').fill('looked at by a test')
    await dialog.getByRole('button', { name: /^Freeze \d+ process/ }).click()
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => intruder.state()).toBe('T')
    const panel = page.locator('.panel', { hasText: 'Response' })
    await panel.getByRole('button', { name: 'Thaw now' }).click()
    await expect.poll(() => intruder.state()).not.toBe('T')
    expect(await intruder.order('echo awake')).toContain('awake')
  })

  test('is acknowledged, resolved with a verdict, and found again under it', async () => {
    await openShellAlert()
    const address = page.url()
    await page.keyboard.press('a')
    await page.locator('.facts .status', { hasText: 'Acknowledged' }).waitFor()
    await page.keyboard.press('v')
    await page.getByRole('dialog', { name: 'What was it?' }).waitFor()
    await page.keyboard.press('2')
    await page.locator('.facts .status', { hasText: 'Resolved: harmless' }).waitFor()
    await page.goto(`${line.url}/alerts?status=resolved`)
    const link = page.locator(`a[href="${new URL(address).pathname}"]`)
    await link.waitFor()
    await page.getByRole('link', { name: 'Open', exact: true }).click()
    await page.waitForURL(`${line.url}/alerts`)
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0)
    expect(await link.count()).toBe(0)
  })

  test('becomes an incident that somebody takes and closes', async () => {
    await page.goto(`${line.url}/incidents`)
    await page.getByRole('button', { name: 'New incident' }).waitFor()
    await page.keyboard.press('c')
    const dialog = page.getByRole('dialog', { name: 'New incident' })
    await dialog.getByLabel('What happened, in a sentence').fill('A laptop was left in a train')
    await dialog.getByLabel('Severity').selectOption('high')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { level: 1, name: 'A laptop was left in a train' }).waitFor()
    await page.keyboard.press('m')
    await page.locator('.facts', { hasText: NAME }).waitFor()
    await page.keyboard.press('v')
    await page.getByLabel('What it was, what was done, what is left to do').fill('Found again, still locked.')
    await page.getByRole('button', { name: 'Close the incident' }).click()
    await page.getByText('Found again, still locked.').first().waitFor()
    await page.goto(`${line.url}/incidents?status=closed`)
    await page.getByRole('link', { name: 'A laptop was left in a train' }).waitFor()
  })
})

describe('what was seen besides', () => {
  const lines = () => page.locator('.network-line')
  const panel = () => page.getByRole('complementary', { name: 'Details' })

  test('the network is narrowed in the address, walked with keys, and tells what was said', async () => {
    await intruder.order(conversation.command)
    const { port } = conversation
    const said = async () =>
      JSON.stringify(await house.ask(`{ network_activity(port: ${port}) { protocol state activity } }`))
    await expect.poll(said, PATIENCE).toContain('"protocol":"tls"')
    await page.keyboard.press('g')
    await page.keyboard.press('w')
    await page.getByLabel('Port').fill(String(port))
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(`/network\\?port=${port}$`))
    await expect.poll(async () => (await lines().allTextContents()).join(), PATIENCE).toContain('asking/1.0')
    for (const text of await lines().allTextContents()) expect(text).toContain(`127.0.0.1:${port}`)

    await page.getByRole('link', { name: /^TLS/ }).click()
    await page.getByRole('heading', { level: 1, name: '1 event of TLS' }).waitFor()
    await expect.poll(() => lines().count()).toBe(1)
    expect(await lines().textContent()).toMatch(/shop\.example · JA4 t1.* · JA3/)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await panel().getByText('SNI', { exact: true }).waitFor()
    expect(await panel().locator('dl').innerText()).toMatch(/JA3 hash\s+[0-9a-f]{32}/)
    expect(page.url()).toContain('event=')
    await page.keyboard.press('Escape')
    await panel().waitFor({ state: 'detached' })
    expect(page.url()).not.toContain('event=')
  })

  test('an alert leads to what its process did there, and that back to the alert', async () => {
    const alert = await alertOf(intruder)
    const pathname = `/alerts/${alert?.id ?? ''}`
    await page.goto(line.url + pathname)
    await page.locator('.tree-row.hit').waitFor()
    expect(await page.locator('.tree-row.leaf').getByRole('link', { name: 'flows' }).count()).toBeGreaterThan(
      0,
    )
    await page.keyboard.press('w')
    await page.waitForURL(/\/network\?process=/)
    await lines().first().waitFor()
    await lines().first().click()
    await panel().getByText('Process', { exact: true }).waitFor()
    expect(await panel().locator('dl').innerText()).toContain(`pid ${intruder.pid}`)
    await panel().locator(`a[href="${pathname}"]`).click()
    await page.locator('.tree-row.hit').waitFor()
    await page.goBack()
    await panel().waitFor()
    await panel().getByRole('link', { name: 'all of them' }).click()
    await page.waitForURL(/\/alerts\?process=/)
    await page.locator(`.alert-line a[href="${pathname}"]`).waitFor()
  })

  test('what nobody saw, and what makes no sense, is said', async () => {
    await page.goto(`${line.url}/network?protocol=smb&search=no-such-thing`)
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor()
    await page.goto(`${line.url}/network?address=nowhere`)
    await page.getByRole('heading', { name: 'The network could not be read' }).waitFor()
    await page.getByText('expected an IPv4 or IPv6 address').first().waitFor()
    await page.getByLabel('Address or range').fill('127.0.0.0/8')
    await page.getByRole('button', { name: 'Narrow' }).click()
    await lines().first().waitFor()
    await page.getByLabel('Time').selectOption({ label: 'From … to …' })
    await page.getByLabel('To', { exact: true }).fill('2020-01-01T00:00')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor()
    expect(page.url()).toContain('to=20')
  })

  test('sessions tell who, from where and how long', async () => {
    const known = async () =>
      JSON.stringify(await house.ask('{ login_sessions { sessions { user duration_ms } } }'))
    await expect.poll(known, PATIENCE).toContain('"duration_ms":60000')
    await page.goto(`${line.url}/sessions`)
    const row = page.getByRole('row').filter({ hasText: '203.0.113.7' })
    expect(await row.innerText()).toMatch(/anna\s+203\.0\.113\.7[\s\S]*sshd, password[\s\S]*1 min\s+1$/)
    await row.getByRole('link', { name: '203.0.113.7' }).click()
    await page.waitForURL(/\/network\?address=203\.0\.113\.7/)
    await page.goto(`${line.url}/sessions?search=nobody-at-all`)
    await page.getByRole('heading', { name: 'Nobody was let in' }).waitFor()
  })

  test('a file that differs tells what, and who did it', async () => {
    chmodSync(conversation.file, 0o4755)
    const known = async () => JSON.stringify(await house.ask('{ integrity_changes { path } }'))
    await expect.poll(known, PATIENCE).toContain(conversation.file)
    await page.goto(`${line.url}/integrity`)
    const row = page.getByRole('row').filter({ hasText: conversation.file })
    expect(await row.first().innerText()).toMatch(/changed[\s\S]*mode 0644 → 4755/)
    await page.getByLabel('Find files').fill('no-such-file')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Nothing differed' }).waitFor()
  })
})

describe('the page itself', () => {
  test('a lost connection is said calmly, keeps the page, and what was missed is offered', async () => {
    await page.goto(`${line.url}/alerts`)
    await rows().first().waitFor()
    const before = await shown()
    line.cut()
    await page.getByText('No connection to the server since').waitFor()
    expect(await shown()).toEqual(before)
    // The first shell's alert is resolved: this is not a repeat of it.
    intruder = await service.breakIn()
    await intruder.order('id; find /usr/bin -maxdepth 1 -perm -4000 >/dev/null; echo aWQK | base64 -d | sh')
    await expect.poll(() => alertOf(intruder), PATIENCE).toBeDefined()
    line.mend()
    await page.getByText('No connection to the server since').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /new, show/ }).waitFor()
  })

  test('theme and time zone are one click or key away, and kept', async () => {
    await page.goto(`${line.url}/hosts`)
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    await page.getByRole('button', { name: /settings and sign out/ }).click()
    await page.getByLabel('Dark').check()
    const dark = await ground()
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await ground()).toBe(dark)
    await page.getByRole('button', { name: /settings and sign out/ }).click()
    await page.getByLabel('Light').check()
    expect(await ground()).not.toBe(dark)
    await page.keyboard.press('Escape')
    const exact = () => page.locator('td time').first().getAttribute('title')
    await page.keyboard.press('u')
    await expect.poll(exact).toMatch(/UTC$/)
    await page.keyboard.press('u')
    await expect.poll(exact).not.toMatch(/UTC$/)
  })

  test('hosts tell what each part counted and what the sensor cannot see', async () => {
    await page.goto(`${line.url}/hosts`)
    await page.locator('td.name a').first().click()
    await page.getByRole('heading', { name: 'What it cannot see' }).waitFor()
    const parts = await page.locator('table.parts tbody tr').allTextContents()
    expect(parts.length).toBeGreaterThan(2)
    expect(parts.some((part) => part.includes('running'))).toBe(true)
    await page
      .getByRole('button', { name: /^\d+ kinds/ })
      .first()
      .click()
    await page.locator('tr.kind', { hasText: /^exec/ }).waitFor()
    const aside = page.getByRole('complementary', { name: 'Health' })
    expect(await aside.innerText()).toMatch(/Sensor\s+ebpf[\s\S]*As it happens \(\d+\)/)
    expect(await aside.innerText()).toMatch(/Its agent[\s\S]*of 768 MiB[\s\S]*A control group keeps it/)
    if (existsSync('/proc/pressure/cpu'))
      expect(await aside.innerText()).toMatch(/PSI[\s\S]*Processors\s+[\d.]+/)
    await page.locator('.event-list li').first().waitFor()
  })

  test('indicators of a file are looked at first, then in force; what is allowed is told', async () => {
    await page.goto(`${line.url}/indicators`)
    await page.getByRole('heading', { name: 'No indicators' }).waitFor()
    await page.keyboard.press('i')
    const content = 'evil.test\n10.0.0.1\nnonsense here\nevil.test\n'
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from(content) })
    await page.getByRole('button', { name: 'Look first' }).click()
    await page.getByText('1 indicator in 4 lines').waitFor()
    await page.getByText('private', { exact: true }).waitFor()
    await page.getByText('unknown-type').waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(await house.ask('{ indicators { value } }')).toEqual({ indicators: [] })
    await page.getByRole('button', { name: 'Import 1' }).click()
    await page.getByRole('heading', { name: '1 indicator in force' }).waitFor()
    await page.locator('td.name', { hasText: 'evil.test' }).waitFor()
    await page.getByRole('link', { name: 'Allowed' }).click()
    await page.getByRole('button', { name: 'Allow…' }).click()
    await page.getByLabel('An address, range').fill('cdn.evil.test')
    await page.getByLabel('Why it is honest').fill('We share this host')
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    await page.getByRole('heading', { name: 'One thing raises no alert' }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: 'Nothing is allowed' }).waitFor()
  })

  test('an alert becomes an exception: what it would have hidden is told first, and it is taken back', async () => {
    const alert = await alertOf(intruder)
    await house.ask('mutation ($id: ID!) { resolveAlert(id: $id, verdict: "true_positive") { id } }', {
      id: alert?.id,
    })
    await openShellAlert()
    await page.keyboard.press('x')
    const dialog = page.getByRole('dialog')
    await dialog
      .getByRole('heading', { name: /It would have hidden \d+ of \d+ alerts? of this rule/ })
      .waitFor()
    // It was found to be real.
    const force = dialog.getByLabel(/Make it all the same/)
    await force.waitFor()
    expect(await dialog.getByRole('button', { name: 'Put in force' }).isDisabled()).toBe(true)
    await force.check()
    await dialog.getByLabel('Why', { exact: true }).fill('a test of the console')
    await expect
      .poll(() => dialog.getByRole('button', { name: 'Put in force' }).isEnabled(), PATIENCE)
      .toBe(true)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByRole('link', { name: 'Exceptions' }).click()
    await page.getByRole('heading', { name: '1 exception in force' }).waitFor()
    expect(await page.getByRole('row').filter({ hasText: 'a test of the console' }).textContent()).toContain(
      NAME,
    )
    await page.getByRole('row').getByRole('link').first().click()
    await page.getByRole('heading', { name: /Exceptions/ }).waitFor()
    expect(await page.locator('.cases').textContent()).toContain('passes')
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('It judges every case').waitFor()
  })

  test('nothing overflows, down to a narrow window', async () => {
    for (const width of [1440, 900, 390]) {
      await page.setViewportSize({ width, height: 800 })
      for (const path of await everyPage()) {
        await show(page, path)
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect([width, path, over]).toEqual([width, path, 0])
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('the policy of the server was never broken, no other host was asked, no script failed', () => {
    expect(opened.complaints).toEqual([])
  })
})

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test('axe finds nothing on any page, and pictures are taken', { timeout: 240_000 }, async () => {
    await using fresh = await browser.open({
      colorScheme: theme,
      // Signed in, and with nothing chosen: the theme is the system's.
      storageState: { cookies: await opened.context.cookies(), origins: [] },
    })
    const user = process.getuid?.() ?? 0
    const album = process.env['VEDETTE_PICTURES'] ?? join(tmpdir(), `vedette-pictures-${user}`)
    mkdirSync(album, { recursive: true })
    const paths = await everyPage()
    for (const path of paths) {
      await show(fresh.page, path)
      expect(await fresh.page.locator('html').getAttribute('data-theme')).toBe(theme)
      const name = pictures[paths.indexOf(path)]
      if (name !== undefined) {
        await fresh.page.screenshot({ path: join(album, `${name}-${theme}.png`) })
      }
      expect([path, await axeFindings(fresh.page)]).toEqual([path, []])
    }
    await show(fresh.page, '/alerts')
    await fresh.page.keyboard.press('?')
    await fresh.page.getByRole('dialog').waitFor()
    expect(await axeFindings(fresh.page)).toEqual([])
    expect(fresh.complaints).toEqual([])
  })
})

/** Names of the pictures of the first pages. */
const pictures: readonly string[] = ['overview', 'alerts', 'alert', 'incident', 'network', 'host', 'hosts']

interface Found {
  readonly id: string
  readonly status: string
  readonly rule: { readonly id: string }
  readonly process: { readonly pid: number; readonly name: string } | null
  readonly incident: { readonly id: string } | null
}

async function allAlerts(): Promise<readonly Found[]> {
  const answer = await house.ask(
    '{ analytics_alerts(limit: 1000) { id status rule { id } process { pid name } incident { id } } }',
  )
  return (answer as { analytics_alerts: readonly Found[] }).analytics_alerts
}

/** The alert about a shell, once there is one. */
async function alertOf({ pid }: Intruder): Promise<Found | undefined> {
  return (await allAlerts()).find(({ process }) => process?.pid === pid)
}

/** Addresses of all pages, of real things; those of `pictures` first. */
async function everyPage(): Promise<string[]> {
  const shell = await alertOf(intruder)
  const story = (await allAlerts()).filter(({ incident }) => incident && incident.id === shell?.incident?.id)
  // The call that the shell came by says the most.
  const alert = story.find(({ process }) => process?.name === 'bash') ?? shell
  if (!alert?.incident) throw new Error('There is no alert with a story to show')
  const { network_activity: said } = (await house.ask(
    `{ network_activity(port: ${conversation.port}, protocol: "tls") { event_id } }`,
  )) as { network_activity: readonly { event_id: string }[] }
  const tls = encodeURIComponent(said[0]?.event_id ?? '')
  const { hosts } = (await house.ask('{ hosts { id } }')) as { hosts: readonly { id: string }[] }
  return [
    '/',
    '/alerts',
    `/alerts/${alert.id}`,
    `/incidents/${alert.incident.id}`,
    `/network?port=${conversation.port}&event=${tls}`,
    `/hosts/${hosts[0]?.id ?? ''}`,
    '/hosts',
    '/sessions',
    '/integrity',
    '/incidents?status=all',
    '/rules',
    '/rules?show=exceptions',
    '/rules?show=faulty',
    `/rules/${alert.rule.id}`,
    '/indicators',
    '/indicators?show=feeds',
    '/indicators?show=allowed',
    '/nothing-here',
  ]
}

/** Opens a page and waits until it shows what it is about. */
async function show(where: Page, path: string): Promise<void> {
  await where.goto(line.url + path)
  await where.locator('main h1').first().waitFor()
  await expect.poll(() => where.locator('.loading, [aria-busy=true]').count(), PATIENCE).toBe(0)
  expect([path, await where.locator('.failure').allTextContents()]).toEqual([path, []])
  await where.evaluate(() => document.fonts.ready)
}

/** A list that offers something new, or has taken it in already because it was empty. */
async function offered(where: Page): Promise<boolean> {
  return (await where.getByRole('button', { name: /new, show/ }).count()) + (await rows(where).count()) > 0
}

/** Opens the alert about the intruder's shell from the list, as a person does. */
async function openShellAlert(): Promise<void> {
  const alert = await alertOf(intruder)
  await page.goto(`${line.url}/alerts?status=all`)
  // The whole row opens it, not only its title.
  await page
    .locator('.alert-line', { has: page.locator(`a[href="/alerts/${alert?.id ?? ''}"]`) })
    .locator('.technique-cell')
    .click()
  await page.locator('.tree-row.hit').waitFor()
}
