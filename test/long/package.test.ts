import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, startHouse } from '../house.ts'

/** What `npm pack` makes is what people install: it is made, installed in an empty folder, and started there. */
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vedette-package-'))
const installed = join(folder, 'node_modules/vedette')

function npm(...args: string[]): string {
  return execFileSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      npm_config_loglevel: 'error',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    },
  })
}

beforeAll(() => {
  npm('pack', root, '--pack-destination', folder)
  const tarball = globSync('vedette-*.tgz', { cwd: folder })[0] ?? 'no tarball was made'
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  npm('install', '--prefer-offline', join(folder, tarball))
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true }))

test('it tells its version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const { status, stdout } = spawnSync(join(folder, 'node_modules/.bin/vedette'), ['--version'], {
    encoding: 'utf8',
  })
  expect({ status, stdout: stdout.trim() }).toEqual({ status: 0, stdout: version })
})

test('it watches, by the same collectors as the checkout', async () => {
  await using house = await startHouse({ launcher: join(folder, 'node_modules/.bin/vedette') })
  const page = await fetch(house.ready.url)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>')
  // What other tests delete before it is scanned is counted as lost, rightly.
  const { stdout, stderr } = await house.vedette('health', '--json')
  const { checks } = JSON.parse(stdout) as { checks: readonly { name: string; status: string }[] }
  expect(checks.length).toBeGreaterThan(5)
  const unwell = checks.filter(({ name, status }) => status !== 'healthy' && name !== 'losses')
  expect([unwell, stderr]).toEqual([[], ''])
  // As root; for an ordinary user both fall back alike.
  await using checkout = await startHouse()
  expect(sees(house)).toBe(sees(checkout))
})

/** The line of `vedette up` that names the collectors at work. */
function sees(house: House): string {
  return /^ +Sees .*$/m.exec(house.output())?.[0] ?? 'it did not say what it sees'
}

test('the library is imported by its name, with types', () => {
  const program = join(folder, 'program.ts')
  writeFileSync(
    program,
    `import { type SecurityConfig, SecurityManager } from 'vedette'
const config: SecurityConfig = { home: '/nowhere', detection: { parameters: { port_scan_threshold: 30 } } }
console.log(typeof SecurityManager.start, config.home)
`,
  )
  const run = spawnSync(process.execPath, [program], { encoding: 'utf8' })
  expect(run).toMatchObject({ status: 0, stdout: 'function /nowhere\n' })
  const types = spawnSync(
    join(root, 'node_modules/.bin/tsc'),
    [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024,esnext.disposable',
      '--types',
      'node',
      '--typeRoots',
      join(root, 'node_modules/@types'),
      program,
    ],
    { encoding: 'utf8', cwd: folder },
  )
  expect(types.stdout).toBe('')
})

test('it carries what runs, and neither tests, sources nor cases', () => {
  const files = globSync('**/*', { cwd: installed, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
  const needed = [
    'apps/cli/bin/vedette',
    'dist/apps/cli/src/main.js',
    'dist/apps/server/src/main.js',
    'dist/apps/agent/src/main.js',
    'dist/apps/console/dist/index.html',
    'LICENSE',
  ]
  expect(needed.filter((file) => !files.includes(file))).toEqual([])
  expect(files.filter((file) => /\.test\.|\/cases\/|(?<!\.d)\.ts$|^packages\//.test(file))).toEqual([])
  expect(files.some((file) => file.endsWith('.bpf.o'))).toBe(true)
  expect(files.filter((file) => file.endsWith('rule.yml')).length).toBeGreaterThanOrEqual(40)
})

test('the root names every package that a workspace needs at run time', () => {
  const manifests = globSync('{packages/*,apps/{agent,server,cli}}/package.json', { cwd: root })
  const needed = manifests.flatMap((file) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
      dependencies?: Record<string, string>
    }
    return Object.keys(dependencies).filter((name) => !name.startsWith('@vedette/'))
  })
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(Object.keys(dependencies).sort()).toEqual([...new Set(needed)].sort())
})
