import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterAll, expect, test } from 'vitest'
import { type House, startHouse, vedette } from '../house.ts'

/** What a bad day brings: each time a clear word, and the watch goes on. */
const folder = mkdtempSync(join(tmpdir(), 'vedette-bad-input-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Runs a program that raises an alert of its own, and waits for it. */
async function expectAlert(house: House, name: string): Promise<void> {
  const program = join('/dev/shm', `vedette-${process.pid}-${name}`)
  copyFileSync('/bin/sleep', program)
  try {
    await expect
      .poll(
        async () => {
          // Long enough to be seen by comparing processes, too.
          spawnSync(program, ['0.5'])
          const query = 'query ($path: String) { analytics_alerts(search: $path) { process { path } } }'
          return JSON.stringify(await house.ask(query, { path: program })).includes(program)
        },
        { timeout: 40_000, interval: 50 },
      )
      .toBe(true)
  } finally {
    rmSync(program)
  }
}

test('a broken configuration stops the start with path, value and what was expected', async () => {
  const config = file('broken.yml', 'response:\n  kill_threshold: 400\ndetectoin: {}\n')
  const { status, stderr } = await vedette(['up', '--home', join(folder, 'never'), '--config', config])
  expect(status).toBe(2)
  expect(stderr).toMatch(/response\.kill_threshold.*400.*<=100/)
  expect(stderr).toMatch(/detectoin.*not a known key/)
  const syntax = file('syntax.yml', 'api:\n  listen: [1, 2\n')
  expect((await vedette(['up', '--home', join(folder, 'never'), '--config', syntax])).stderr).toMatch(
    /line \d+, column \d+/,
  )
})

test('a broken rule is named with its place, and all others judge', async () => {
  const rules = join(folder, 'rules')
  mkdirSync(rules)
  writeFileSync(
    join(rules, 'mine.yml'),
    'title: Mine\nid: 0e5ad6cb-26ab-4a5a-9f2a-1d5f28a0a001\nlogsource: { product: linux, category: process_creation }\ndetection:\n  selection:\n    CommandLine|contians: x\n  condition: selection\n',
  )
  const config = file('rules.yml', `detection: { rules: [${rules}] }\n`)
  await using house = await startHouse({ args: ['--config', config] })
  const { stdout } = await house.vedette('health')
  expect(stdout).toMatch(/rules +degraded.* 1 fault in rule files/)
  expect(house.output()).toMatch(/mine\.yml.*contians|contians.*mine\.yml/)
  await expectAlert(house, 'rule')
})

test('log lines with control characters and of 1 MB are read as text, and the next line is read as well', async () => {
  const log = file('auth.log', '')
  const config = file('logs.yml', `collect: { file: { paths: [${log}] } }\n`)
  await using house = await startHouse({ args: ['--config', config] })
  const at = new Date().toISOString()
  appendFileSync(
    log,
    `${at} web-1 sshd[1]: Failed password for \u001b[2Jroot\u0000\u202e from 203.0.113.9 port 22 ssh2\n`,
  )
  appendFileSync(log, `${at} web-1 sshd[2]: ${'A'.repeat(1 << 20)}\n`)
  appendFileSync(log, Buffer.from([0xff, 0xfe, 0x0a]))
  appendFileSync(log, `${at} web-1 sshd[3]: Failed password for ann from 203.0.113.10 port 22 ssh2\n`)
  await expect
    .poll(async () => (await house.vedette('events', '--kind', 'authentication', '--json')).stdout, {
      timeout: 10_000,
    })
    .toContain('203.0.113.10')
  const shown = await house.vedette('events', '--search', 'sshd')
  expect(shown.status).toBe(0)
  // oxlint-disable-next-line no-control-regex -- that none reaches the terminal is what is tested
  expect(shown.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/)
  const whole = await house.vedette('events', '--json', '--limit', '1000')
  expect(Math.max(...whole.stdout.split('\n').map((line) => line.length))).toBeLessThan(300_000)
  await expectAlert(house, 'log')
})

test('event files that were cut are said to be damaged, and the rest is delivered', async () => {
  const home = join(folder, 'cut')
  const first = await startHouse({ home })
  // Without its server the agent keeps what it sees on disk.
  const server = serverOf(first)
  process.kill(server, 'SIGSTOP')
  for (let i = 0; i < 20; i += 1) spawnSync('/bin/true')
  await delay(1500)
  process.kill(first.ready.pid, 'SIGKILL')
  process.kill(server, 'SIGKILL')
  await first.kill()
  await delay(3000)
  const segments = globSync('agent/spool/**/*', { cwd: home, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size > 200)
  expect(segments.length).toBeGreaterThan(0)
  const newest = segments.sort().at(-1) ?? ''
  truncateSync(newest, statSync(newest).size - 100)

  await using house = await startHouse({ home })
  expect(readFileSync(join(home, 'operator', 'log', 'agent.log'), 'utf8')).toMatch(/damaged|cut/)
  await expectAlert(house, 'cut')
  expect(await house.vedette('audit', 'verify')).toMatchObject({ status: 0 })
})

test('a full disk is said, nothing is acknowledged meanwhile, and the watch goes on when there is room', async () => {
  needsRoot()
  const small = join(folder, 'small')
  mkdirSync(small)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=0711', 'tmpfs', small], {
    encoding: 'utf8',
  })
  expect(mounted).toMatchObject({ status: 0 })
  try {
    await using house = await startHouse({ home: join(small, 'home') })
    await expectAlert(house, 'before')
    const filler = join(small, 'filler')
    const { bavail, bsize } = statfsSync(small)
    spawnSync('fallocate', ['-l', String(bavail * bsize), filler])
    for (let i = 0; i < 50; i += 1) spawnSync('/bin/true')
    await delay(3000)
    const sick = await house.vedette('health')
    expect(sick.status).not.toBe(0)
    expect(`${sick.stdout}${house.output()}`).toMatch(/no (?:room|space)|disk.{0,20}full|MiB free/i)
    expect(house.supervisor.exitCode).toBeNull()
    rmSync(filler)
    await expectAlert(house, 'after')
    expect(await house.vedette('audit', 'verify')).toMatchObject({ status: 0 })
  } finally {
    spawnSync('umount', ['-l', small])
  }
})

/** The server's pid, as its supervisor wrote it down. */
function serverOf(house: House): number {
  const parts = JSON.parse(readFileSync(join(house.home, 'operator', 'parts.json'), 'utf8')) as {
    name: string
    pid: number
  }[]
  const server = parts.find(({ name }) => name === 'server')
  if (!server) throw new Error(`no server among ${JSON.stringify(parts)}`)
  return server.pid
}
