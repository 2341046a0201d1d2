import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { ensureDebianPackage } from '../debian-package.ts'

/** A real Chromium that talks to nobody but the pages that it is given. */
export interface Browser extends AsyncDisposable {
  /** A window of its own, with its own cookies; what goes wrong in it is kept. */
  open(options?: BrowserContextOptions): Promise<Window>
}

/** A page and all that went wrong on it. */
export interface Window extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** Breaches of the Content-Security-Policy, requests to another origin than the page's, errors of scripts. */
  readonly complaints: string[]
}

export async function launchBrowser(): Promise<Browser> {
  ensureDebianPackage('chromium', 'chromium')
  const folder = mkdtempSync(join(tmpdir(), 'vedette-browser-'))
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    artifactsDir: folder,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Text is drawn the same way on every machine.
      '--font-render-hinting=none',
    ],
  })
  return {
    async open(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        reducedMotion: 'reduce',
        ...options,
      })
      const complaints: string[] = []
      await context.exposeBinding('breach', (_source, text: string) => {
        complaints.push(`policy: ${text}`)
      })
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          const { breach } = globalThis as unknown as { breach: (text: string) => void }
          breach(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`)
        })
      })
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
      page.on('console', (message) => {
        // What a line that was cut does not bring is told by the page itself.
        const ofNetwork = /Failed to load resource|WebSocket connection|ERR_/.test(message.text())
        if (message.type() === 'error' && !ofNetwork) complaints.push(`console: ${message.text()}`)
      })
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url())
        const home = page.url().startsWith('http') ? new URL(page.url()).origin : undefined
        if (home !== undefined && protocol.startsWith('http') && origin !== home) {
          complaints.push(`foreign: ${request.url()}`)
        }
      })
      return {
        page,
        context,
        complaints,
        [Symbol.asyncDispose]: () => context.close(),
      }
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What axe finds on a page against WCAG 2.2 AA and its own best practices, one line a finding. */
export async function axeFindings(page: Page): Promise<string[]> {
  const { violations, passes } = await new AxeBuilder({ page })
    // Without the second page that it would put frames of other origins together on: ours has none, and it doubles the time.
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  if (passes.length < 20) throw new Error(`axe looked at next to nothing: ${passes.length} rules passed`)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
  )
}
