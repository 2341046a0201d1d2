import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger } from '@vedette/base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { YaraScanner, type YaraScannerOptions } from './scanner.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-yara-')))
  mkdirSync(join(folder, 'rules'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const MARK = 'rule mark { strings: $a = "marked" condition: $a }\n'
/** Counts to a number that no machine reaches, for files that begin with S. */
const SLOW =
  'rule slow { condition: uint8(0) == 0x53 and for all i in (1..1000000000) : (for all j in (1..1000000000) : (i * j != 0)) }\n'

function open(rules: string, options: Partial<YaraScannerOptions> = {}): YaraScanner {
  writeFileSync(join(folder, 'rules', 'test.yar'), rules)
  return new YaraScanner({
    rules: [join(folder, 'rules')],
    engine: 'auto',
    externals: {},
    maxFileBytes: 1 << 20,
    timeoutMs: 20_000,
    workers: 1,
    maxWaiting: 100,
    idleMs: 60_000,
    niceness: 0,
    log: silentLogger,
    ...options,
  })
}

function put(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const isThere = (pid: number) =>
  existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`never: ${what}`)
    await delay(20)
  }
}

/** Every file that was given is one thing or another. */
function expectSum(scanner: YaraScanner): void {
  const { emitted, ...others } = scanner.counters()
  expect(Object.values(others).reduce((sum, one) => sum + one, 0)).toBe(emitted)
}

describe.each(['native', 'wasm'] as const)('YaraScanner with the %s engine', (engine) => {
  test('ends a scan that takes too long, and scans the next file', async () => {
    await using scanner = open(MARK + SLOW, { engine, timeoutMs: 1000 })
    await scanner.load()
    const [first] = scanner.pids
    const slow = scanner.scan({ path: put('slow', 'S') })
    const next = scanner.scan({ path: put('next', 'marked') })
    expect(await slow).toMatchObject({ outcome: 'timed-out' })
    expect(await next).toMatchObject({ outcome: 'scanned', findings: [{ rule: { name: 'mark' } }] })
    await until(() => first !== undefined && !isThere(first), 'the end of the slow process')
    expect(scanner.counters()).toMatchObject({ emitted: 2, scanned: 1, timed_out: 1 })
    expectSum(scanner)
  })

  test('is gone at once when it is closed in the middle of a scan', async () => {
    let pids: readonly number[]
    let scan: Promise<unknown>
    {
      await using scanner = open(SLOW, { engine })
      await scanner.load()
      scan = scanner.scan({ path: put('slow', 'S') })
      await delay(200)
      pids = scanner.pids
      expect(pids).toHaveLength(1)
    }
    expect(await scan).toMatchObject({ outcome: 'lost' })
    await until(() => !pids.some(isThere), 'the end of its process')
  })
})

describe('YaraScanner', () => {
  test('starts no process before the first file, and ends it when there is nothing to do', async () => {
    await using scanner = open(MARK, { idleMs: 300 })
    expect(scanner.pids).toEqual([])
    const file = put('a', 'marked')
    await scanner.scan({ path: file })
    const [pid] = scanner.pids
    expect(pid).toBeDefined()
    await until(() => scanner.pids.length === 0 && !isThere(pid ?? 0), 'the end of the idle process')
    expect(await scanner.scan({ path: file })).toMatchObject({ outcome: 'scanned', findings: [{}] })
  })

  test('refuses and counts what is too much', async () => {
    await using scanner = open(MARK, { maxWaiting: 2 })
    const file = put('a', 'x')
    const results = await Promise.all(Array.from({ length: 10 }, () => scanner.scan({ path: file })))
    const lost = results.filter(({ outcome }) => outcome === 'lost').length
    expect(lost).toBeGreaterThan(0)
    expect(scanner.counters()).toMatchObject({ emitted: 10, scanned: 10 - lost, lost })
    expectSum(scanner)
  })

  test('a file that is too large is not read', async () => {
    await using scanner = open(MARK, { maxFileBytes: 10 })
    expect(await scanner.scan({ path: put('a', 'marked, but too long') })).toMatchObject({
      outcome: 'too-large',
    })
    expect(await scanner.scan({ path: put('b', 'marked') })).toMatchObject({ findings: [{}] })
    expectSum(scanner)
  })

  test('does not even open what is no plain file: whoever waits at the other end goes on waiting', async () => {
    await using scanner = open(MARK)
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    // It waits until somebody opens the pipe to read.
    const writer = spawn('/usr/bin/tee', [pipe], { stdio: ['ignore', 'ignore', 'ignore'] })
    try {
      await once(writer, 'spawn')
      await delay(100)
      expect(await scanner.scan({ path: pipe })).toMatchObject({ outcome: 'skipped' })
      await delay(200)
      expect(writer.exitCode).toBeNull()
    } finally {
      writer.kill('SIGKILL')
    }
  })

  test('follows no link, waits at no pipe, opens no device', async () => {
    await using scanner = open(MARK)
    symlinkSync(put('a', 'marked'), join(folder, 'link'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    for (const path of [
      join(folder, 'link'),
      join(folder, 'pipe'),
      '/dev/zero',
      folder,
      join(folder, 'gone'),
    ]) {
      expect(await scanner.scan({ path })).toMatchObject({ outcome: 'skipped' })
    }
    expect(scanner.counters()).toMatchObject({ emitted: 5, skipped: 5 })
  })

  test('leaves a folder through no link, wherever in the path it stands', async () => {
    await using scanner = open(MARK)
    mkdirSync(join(folder, 'inside'))
    mkdirSync(join(folder, 'outside'))
    put('outside/a', 'marked')
    symlinkSync('../outside', join(folder, 'inside', 'door'))
    const within = join(folder, 'inside')
    expect(await scanner.scan({ path: join(within, 'door', 'a'), within })).toMatchObject({
      outcome: 'skipped',
    })
    put('inside/b', 'marked')
    expect(await scanner.scan({ path: join(within, 'b'), within })).toMatchObject({ findings: [{}] })
    const rawPath = Buffer.from(`${within}/odd-\xff`, 'latin1')
    writeFileSync(rawPath, 'marked')
    const odd = { path: rawPath.toString('utf8'), rawPath }
    expect(await scanner.scan({ ...odd, within })).toMatchObject({ findings: [{}] })
    expect(await scanner.scan({ ...odd, within: join(folder, 'rules') })).toMatchObject({
      outcome: 'skipped',
    })
  })

  test('scans a file that is open, also when its name is gone', async () => {
    await using scanner = open(MARK)
    const path = put('a', 'marked')
    const number = openSync(path, 'r')
    unlinkSync(path)
    const descriptor = { pid: process.pid, number }
    expect(await scanner.scan({ path, descriptor })).toMatchObject({
      findings: [{ rule: { name: 'mark' } }],
      sha256: createHash('sha256').update('marked').digest('hex'),
    })
    closeSync(number)
  })

  test('goes on after its process was killed', async () => {
    await using scanner = open(MARK + SLOW)
    await scanner.load()
    const scan = scanner.scan({ path: put('slow', 'S') })
    await delay(200)
    for (const pid of scanner.pids) process.kill(pid, 'SIGKILL')
    expect(await scan).toMatchObject({ outcome: 'failed' })
    expect(await scanner.scan({ path: put('b', 'marked') })).toMatchObject({ findings: [{}] })
    expectSum(scanner)
  })

  test('several workers scan at the same time', async () => {
    await using scanner = open(SLOW + MARK, { workers: 2, timeoutMs: 3000 })
    const slow = scanner.scan({ path: put('slow', 'S') })
    await scanner.scan({ path: put('b', 'marked') })
    expect(scanner.counters()).toMatchObject({ scanned: 1, timed_out: 0 })
    expect(await slow).toMatchObject({ outcome: 'timed-out' })
  })

  test('tells of faulty rules once they were read', async () => {
    await using scanner = open(`${MARK}rule bad { condition: nonsense }`)
    expect(scanner.loaded).toBeUndefined()
    expect(await scanner.load()).toMatchObject({ rules: 1, problems: [{ line: 2, code: 'yara-e009' }] })
  })

  test('takes and finds in bytes that are no file', async () => {
    await using scanner = open(MARK)
    expect(await scanner.scan({ path: 'mail 7', data: Buffer.from('it is marked') })).toMatchObject({
      findings: [{ matches: [{ offset: 6 }] }],
    })
  })
})
