import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** Every package that the agent loads at its start. It is a guest on its host: a new line here wants a reason. */
const allowed = [
  '@pinojs/redact',
  '@vedette/agent',
  '@vedette/base',
  '@vedette/collect',
  // Only the face of the scanner: the engine, the rules and the files stand in a process of their own.
  '@vedette/detect',
  '@vedette/formats',
  '@vedette/linux',
  '@vedette/manager',
  '@vedette/model',
  '@vedette/normalise',
  '@vedette/respond',
  '@vedette/store',
  'atomic-sleep',
  // Foreign functions, for the kernel.
  'koffi',
  '@koromix/koffi-linux-arm64',
  '@koromix/koffi-linux-x64',
  'on-exit-leak-free',
  // The log, with what it brings.
  'pino',
  'pino-std-serializers',
  'process-warning',
  'quick-format-unescaped',
  'real-require',
  'safe-stable-stringify',
  'sonic-boom',
  'thread-stream',
  // The domain of a name that the DNS was asked for, by the public suffix list.
  'tldts',
  'tldts-core',
  // The line to the server.
  'ws',
  'yaml',
  'zod',
]

const HOOK = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({ load(url, context, next) { loaded.add(url); return next(url, context) } })
process.on('exit', () => process.stdout.write(JSON.stringify([...loaded])))
`

/** URLs of all modules that the import of the agent brings. */
function loadedModules(): string[] {
  const main = fileURLToPath(new URL('agent.ts', import.meta.url))
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`
  const program = `await import(${JSON.stringify(main)})`
  const out = execFileSync(process.execPath, ['--import', hook, '--input-type=module', '-e', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(out) as string[]
}

const modules = loadedModules()

test('the agent loads no package but these', () => {
  const packages = [...new Set(modules.filter((url) => url.startsWith('file:')).map(packageOf))]
  expect(packages.filter((name) => !allowed.includes(name))).toEqual([])
  // Enough was seen for the list to mean something.
  expect(packages).toEqual(expect.arrayContaining(['koffi', 'ws', '@vedette/collect', '@vedette/store']))
})

test('of the stores it loads the spool and the audit log alone', () => {
  expect(modules.filter((url) => /packages\/store\/src\/(?:events|state)\//.test(url))).toEqual([])
})

function packageOf(url: string): string {
  const inside = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url)?.[1]
  if (inside !== undefined) return inside
  const [, room = ''] = /\/(?:packages|apps)\/([^/]+)\//.exec(url) ?? []
  return `@vedette/${room}`
}
