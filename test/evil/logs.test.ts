import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { type RecordFormat, recordFormats } from '@vedette/formats'
import { type AgentId, eventSchema, type LineRecord } from '@vedette/model'
import { createNormaliser, type Normaliser, normaliseConfigSchema } from '@vedette/normalise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpackCorpus } from '../corpus/unpack.ts'

/** Lines of logs and files of the journal and of utmp, changed at random, to what reads them and on to Events. */

const RUNS = Number(process.env['VEDETTE_EVIL_RUNS'] ?? 100_000)
const SEED = Number(process.env['VEDETTE_EVIL_SEED'] ?? 20_261_120)
const MOST_MS = 100
/** One reading is timed again where it took long: others may use the machine as well. */
const TRIES = 5

const formats = fileURLToPath(new URL('../../packages/formats/src/', import.meta.url))

/** Numbers that look random and are the same every time (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** What each parser looks for, and what a person would try. */
const PIECES = [
  ' from 192.0.2.1 port 22 ssh2',
  'message repeated 99 times: [ ',
  ']',
  "' to group '",
  ' ; USER=root ; COMMAND=',
  'pam_unix(sshd:session): session opened for user ',
  'Accepted password for ',
  '(root) CMD (',
  '"',
  '\\',
  '\\x',
  ' - - [',
  '] "GET /',
  ', client: ',
  '{"log":"',
  'SRC=::1 DST=::1 PROTO=TCP',
  'type=EXECVE msg=audit(1.1:1): a0=',
  ' '.repeat(40),
  '\u0000',
  '\u001b[2J',
  '\ud800',
  '\u202e',
  '🜏'.repeat(9),
  '<999>',
  '<34>1 ',
  '[a@1 b="',
]

/** Long ones, of which a line gets one now and then. */
const MONSTERS = [
  (text: string) => text.repeat(200).slice(0, 65_000),
  () => ' from 192.0.2.1 port 22 ssh2'.repeat(2000),
  () => ' - '.repeat(20_000),
  () => '\\"'.repeat(30_000),
  () => "add 'a' to group '".repeat(3000),
  () => ' ; USER=root'.repeat(5000),
  () => 'a'.repeat(65_000),
  () => ' '.repeat(65_000),
  () => '('.repeat(65_000),
  () => 'a='.repeat(30_000),
  () => '192.0.2.1 - - - '.repeat(4000),
  () => `192.0.2.1 - ${'a '.repeat(30_000)}[`,
  () => 'rhost= user='.repeat(5000),
  () => ', request: "'.repeat(5000),
  () => 'SRC= DST= PROTO= '.repeat(4000),
]

function changed(line: string, random: (below: number) => number): string {
  let text = line
  // Half of them keep their header, so that what follows it is understood.
  const kept = random(2) === 0 ? Math.min(45, line.length) : 0
  for (let times = 1 + random(5); times > 0; times -= 1) {
    const at = kept + random(text.length - kept + 1)
    const cut = random(3) === 0 ? random(20) : 0
    const piece =
      random(6) === 0 ? text.slice(0, random(text.length + 1)) : (PIECES[random(PIECES.length)] ?? '')
    text = text.slice(0, at) + piece + text.slice(at + cut)
  }
  if (random(100) > 0) return text
  const at = random(text.length + 1)
  return `${text.slice(0, at)}${MONSTERS[random(MONSTERS.length)]?.(text) ?? ''}${text.slice(at)}`
}

/** Milliseconds of this thread on a core; of several tries the shortest, where one took long. */
async function timed(run: () => unknown): Promise<number> {
  let least = Infinity
  for (let tried = 0; tried < TRIES && least > MOST_MS / 2; tried += 1) {
    const before = process.threadCpuUsage()
    await run()
    const { user, system } = process.threadCpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

let corpus: ReturnType<typeof unpackCorpus>
let lines: string[]
beforeAll(() => {
  corpus = unpackCorpus('logs.txz')
  const files = [
    ...['OpenSSH_2k.log', 'Linux_2k.log'].map((name) => join(corpus.path, 'logs', name)),
    ...['access-log', 'auditd', 'container-log', 'error-log', 'syslog'].flatMap((name) =>
      globSync(`${formats}${name}/cases/*/input*`),
    ),
  ]
  const samples = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== ''),
  )
  // What the tests of the parsers understand: `program`, `message`.
  const tests = globSync(`${formats}{auth,service-log}/parse.test.ts`).map((file) =>
    readFileSync(file, 'utf8'),
  )
  for (const [, program, message] of tests.join('\n').matchAll(/\[\s*'([^']+)',\s*(?:'([^']+)'|"[^"]+"),/g)) {
    if (message === undefined) continue
    for (let i = 0; i < 20; i += 1)
      samples.push(`2026-11-20T10:00:00.5+00:00 web-1 ${program}[812]: ${message}`)
  }
  lines = samples
})
afterAll(() => corpus[Symbol.dispose]())

function normaliserOf(): Normaliser {
  return createNormaliser({
    device: { uid: 'agent-1' as AgentId, hostname: 'web-1' },
    bootId: '01234567-89ab-cdef-0123-456789abcdef',
    bootTimeMs: 0,
    run: '00000000000000aa',
    clock: systemClock,
    log: silentLogger,
    config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    processes: { list: () => [], read: () => undefined },
  })
}

test(`${RUNS} changed lines become Events that a store takes, each in little time`, async () => {
  using normaliser = normaliserOf()
  const random = randomOf(SEED)
  const kinds = new Map<string, number>()
  const codes = new Set<string>()
  let slowest = { ms: 0, text: '' }
  for (let i = 0; i < RUNS; i += 1) {
    const text = changed(lines[random(lines.length)] ?? '', random)
      .slice(0, 65_536)
      .toWellFormed()
    const record: LineRecord = {
      source: 'line',
      timeMs: Date.now(),
      path: random(20) === 0 ? `/var/log/containers/a_b_c-${'0'.repeat(64)}.log` : '/var/log/auth.log',
      text,
      truncated: false,
    }
    let events: Awaited<ReturnType<Normaliser['normalise']>> = []
    const ms = await timed(async () => {
      events = await normaliser.normalise([record])
    })
    if (ms > slowest.ms) slowest = { ms, text }
    for (const event of events) {
      kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1)
      if (event.kind === 'log' && event.event_code !== undefined) codes.add(event.event_code)
    }
    const [event] = events
    // The schema is slower than all the rest.
    if (i % 5 === 0 || text.length > 10_000)
      expect(eventSchema.safeParse(event).error, text.slice(0, 500)).toBeUndefined()
  }
  process.stdout.write(
    `${RUNS} lines from seed ${SEED}: ${JSON.stringify(Object.fromEntries(kinds))}, ${codes.size} codes; slowest ${slowest.ms.toFixed(1)} ms\n`,
  )
  expect(normaliser.counters().rejected).toBe(0)
  expect(kinds.get('authentication')).toBeGreaterThan(RUNS / 100)
  expect(kinds.get('account')).toBeGreaterThan(0)
  expect(codes.size).toBeGreaterThan(RUNS > 10_000 ? 10 : 0)
  expect(slowest.ms, slowest.text.slice(0, 300)).toBeLessThan(MOST_MS)
})

/** Formats that are not lines, or whose reader has more to do than to split them. */
const FOLDERS = [
  'journal',
  'journal-export',
  'utmp',
  'container-log',
  'error-log',
  'access-log',
  'auditd',
  'syslog',
]

describe.each(FOLDERS)('%s', (name) => {
  test(`${RUNS} changed files are read or told, each in little time`, async () => {
    const format = recordFormats.find((one) => one.name === name) as RecordFormat
    const files = globSync(`${formats}${name}/cases/*/input*`).map((file) => readFileSync(file))
    const random = randomOf(SEED)
    let slowest = { ms: 0, text: '' }
    let records = 0
    let unreadable = 0
    for (let i = 0; i < RUNS; i += 1) {
      const bytes = mutated(files[random(files.length)] ?? Buffer.alloc(0), random)
      let found = 0
      let faults = 0
      const ms = await timed(() => {
        const reader = format.open({ readAtMs: Date.now(), fileName: 'x' })
        const [first, rest] = [reader.push(bytes), reader.end()]
        found = first.records.length + rest.records.length
        faults = first.unreadable.length + rest.unreadable.length
      })
      records += found
      unreadable += faults
      if (ms > slowest.ms) slowest = { ms, text: bytes.toString('latin1', 0, 300) }
    }
    process.stdout.write(
      `${name}: ${RUNS} files from seed ${SEED}: ${records} records, ${unreadable} unreadable; slowest ${slowest.ms.toFixed(1)} ms\n`,
    )
    expect(records).toBeGreaterThan(RUNS / 10)
    expect(slowest.ms, slowest.text).toBeLessThan(MOST_MS)
  })
})

function mutated(file: Buffer, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(file)
  for (let times = 1 + random(6); times > 0; times -= 1) {
    const at = random(bytes.length + 1)
    switch (random(5)) {
      case 0:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(PIECES[random(PIECES.length)] ?? ''),
          bytes.subarray(at),
        ])
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(64))])
        break
      case 2:
        // A number of eight bytes: an offset, a size, a count.
        if (at + 8 <= bytes.length)
          bytes.writeBigUInt64LE([0n, 1n, 2n ** 64n - 1n, 2n ** 32n, 264n][random(5)] ?? 0n, at)
        break
      case 3:
        bytes = bytes.subarray(0, at)
        break
      default:
        if (at < bytes.length) bytes[at] = random(256)
    }
  }
  return bytes
}
