import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_TENANT } from '@vedette/model'
import type { Page } from 'playwright-core'
import { PASSWORD, type TestServer } from '../../../apps/server/src/testing/test-server.ts'
import { launchBrowser } from '../../browser/browser.ts'
import type { Figure } from '../row.ts'
import { ALARM } from './payloads.ts'
import type { Beyond } from './sinks.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const PAGES = [
  '/',
  '/alerts',
  '/incidents',
  '/network',
  '/sessions',
  '/integrity',
  '/hosts',
  '/rules',
  '/indicators',
]

/** Runs a trial whose server has the console, with a look at its pages in a real Chromium. */
export async function page(
  trial: (console: string, beyond: Beyond) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const built = mkdtempSync(join(tmpdir(), 'vedette-console-'))
  chmodSync(built, 0o755)
  try {
    execFileSync(
      process.execPath,
      ['node_modules/vite/bin/vite.js', 'build', 'apps/console', '--outDir', built, '--emptyOutDir'],
      { cwd: root, env: { ...process.env, NODE_ENV: 'production' }, stdio: 'pipe' },
    )
    return await trial(built, look)
  } finally {
    rmSync(built, { recursive: true })
  }
}

async function look(server: TestServer): Promise<readonly Figure[]> {
  const { state, clock } = server.running.services
  const of = state.of(DEFAULT_TENANT)
  const alerts = await of.alerts.list({}, { limit: 40 })
  for (const [number, { title, matches }] of alerts.slice(0, 5).entries()) {
    const text = matches.map(({ value }) => value).join(' ')
    const made = { id: `evil-${number}` as never, title: `${title} ${text}`.slice(0, 200), description: text }
    await of.incidents.create({ ...made, severity: 'high' }, 'anna', clock.now())
  }
  const setup = await fetch(`${server.url}/auth/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: server.setupToken, name: 'anna', password: PASSWORD }),
  })
  if (!setup.ok) throw new Error(`the first account was refused: ${setup.status}`)

  await using browser = await launchBrowser()
  await using window = await browser.open()
  const { page: view, complaints } = window
  let scripts = 0
  await window.context.exposeBinding(ALARM, () => {
    scripts += 1
  })
  let dialogs = 0
  view.on('dialog', (dialog) => {
    dialogs += 1
    void dialog.dismiss()
  })
  await view.goto(server.url)
  await view.getByLabel('Name').fill('anna')
  await view.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await view.getByRole('button', { name: 'Sign in' }).click()
  await view.getByRole('navigation').first().waitFor()

  let shown = 0
  let elements = 0
  const addresses = [
    ...PAGES,
    ...alerts.map(({ id }) => `/alerts/${encodeURIComponent(id)}`),
    '/incidents/evil-0',
    '/incidents/evil-1',
  ]
  for (const address of addresses) {
    await view.goto(server.url + address)
    await view.getByRole('main').waitFor()
    await view.waitForLoadState('networkidle')
    shown += await textsShown(view)
    elements += await view
      .locator(
        'main script, main iframe, main object, main base, main [onerror], main [onload], main [ontoggle], main [onfocus], main a[href^="javascript" i], main a[href^="data" i]',
      )
      .count()
  }
  return [
    { name: 'pages of the console', value: addresses.length, must: { beAtLeast: 20 } },
    { name: 'pages that show a payload', value: shown, must: { beAtLeast: 10 } },
    { name: 'scripts run', value: scripts + dialogs, must: { be: 0 } },
    { name: 'elements made of a payload', value: elements, must: { be: 0 } },
    { name: 'breaches of the policy, foreign requests, errors', value: complaints.length, must: { be: 0 } },
  ]
}

/** Whether a page shows what an attacker wrote: one that shows nothing proves nothing. */
async function textsShown(view: Page): Promise<number> {
  const text = await view.getByRole('main').innerText()
  return text.includes(ALARM) || text.includes('attack-of-the-tests') ? 1 : 0
}
