import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { KernelLogRecord } from '@vedette/model'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KmsgCollector } from './collector.ts'
import { kmsgSchema } from './config.ts'
import { kmsg } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-kmsg-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A collector that runs, and what it has given so far. */
class Run implements AsyncDisposable {
  readonly records: KernelLogRecord[] = []
  readonly collector
  readonly #stop = new AbortController()
  readonly #reading

  constructor(config: object = {}, path?: string) {
    this.collector = new KmsgCollector(
      kmsgSchema.parse({ read: 'always', poll_interval_ms: 10, ...config }),
      { log: silentLogger, clock: systemClock, stateFolder: folder },
      path,
    )
    this.#reading = this.#read()
  }

  async #read(): Promise<void> {
    let batches = 0
    for await (const batch of this.collector.records(this.#stop.signal)) {
      this.records.push(...batch)
      batches += 1
      await this.collector.commit(batches)
    }
  }

  async find(holds: (record: KernelLogRecord) => boolean): Promise<KernelLogRecord> {
    await expect.poll(() => this.records.some(holds), { timeout: 20_000, interval: 10 }).toBe(true)
    return this.records.find(holds) as KernelLogRecord
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#reading
    await this.collector[Symbol.asyncDispose]()
  }
}

const mark = () => `vedette-test-${Math.random().toString(36).slice(2)}`

describe('the log of this kernel', () => {
  needsRoot()

  /** Until it looks: what is written from then on is new. */
  async function started(run: Run): Promise<void> {
    await expect.poll(() => readKeptSequence(), { timeout: 20_000, interval: 10 }).toBeGreaterThan(0)
    expect(run.records).toEqual([])
  }
  function readKeptSequence(): number {
    try {
      return (JSON.parse(readFileSync(join(folder, 'kmsg.json'), 'utf8')) as { sequence: number }).sequence
    } catch {
      return 0
    }
  }

  test('a program that crashes is told by the kernel, when it did', async () => {
    const program = join(folder, `crash-${mark().slice(-6)}`)
    copyFileSync('/usr/bin/perl', program)
    await using run = new Run()
    await started(run)
    const beforeMs = Date.now()
    // Reads what is at the address 1.
    spawnSync(program, ['-e', 'unpack("p", pack("J", 1))'])
    const record = await run.find(({ text }) => text.includes(`${basename(program).slice(0, 15)}[`))
    expect(record).toMatchObject({ source: 'kmsg', facility: 0 })
    expect(record.text).toContain(': segfault at 1 ')
    expect(Math.abs(record.timeMs - beforeMs)).toBeLessThan(30_000)
  })

  test("what a program writes is anybody's text, of no kernel's facility, whatever it claims", async () => {
    await using run = new Run()
    await started(run)
    const name = mark()
    writeFileSync('/dev/kmsg', `<0>kernel: ${name} \u001B[31m grüße \\x41\n SUBSYSTEM=forged\n`)
    const record = await run.find(({ text }) => text.includes(name))
    expect(record).toMatchObject({ facility: 1, priority: 0 })
    expect(record.text).toContain('\u001B[31m grüße \\x41')
    expect(run.collector.counters().lost).toBe(0)
  })

  test('a restart goes on behind what was kept', async () => {
    const [first, second] = [mark(), mark()]
    {
      await using run = new Run()
      await started(run)
      writeFileSync('/dev/kmsg', `${first}\n`)
      await run.find(({ text }) => text.includes(first))
    }
    writeFileSync('/dev/kmsg', `${second}\n`)
    await using run = new Run()
    await run.find(({ text }) => text.includes(second))
    expect(run.records.filter(({ text }) => text.includes(first))).toEqual([])
  })
})

describe('a pipe in the place of the device', () => {
  let path: string
  let writer: number
  beforeEach(() => {
    path = join(folder, 'pipe')
    spawnSync('mkfifo', [path])
    // Both ends: whoever reads finds somebody there.
    writer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  })
  afterEach(() => closeSync(writer))
  /** The next one is written when this one was read: a pipe does not keep messages apart. */
  async function say(run: Run, sequence: number, text = `6,${sequence},1000,-;message ${sequence}\n`) {
    const before = run.collector.counters().emitted
    writeSync(writer, text)
    await expect
      .poll(() => run.collector.counters().emitted, { timeout: 20_000, interval: 2 })
      .not.toBe(before)
  }

  test('messages that were overwritten are counted, each one', async () => {
    await using run = new Run({ start: 'beginning' }, path)
    for (const sequence of [10, 11, 15, 16, 116]) await say(run, sequence)
    await run.find(({ sequence }) => sequence === 116)
    expect(run.records.map(({ sequence }) => sequence)).toEqual([10, 11, 15, 16, 116])
    expect(run.collector.counters()).toEqual({ emitted: 107, delivered: 5, lost: 102 })
  })

  test('what cannot be read is a loss and no end', async () => {
    await using run = new Run({ start: 'beginning' }, path)
    await say(run, 1)
    await say(run, 2, 'nonsense')
    await say(run, 3)
    await run.find(({ sequence }) => sequence === 3)
    expect(run.collector.counters()).toEqual({ emitted: 3, delivered: 2, lost: 1 })
  })

  test('no more are read in a second than is allowed', async () => {
    await using run = new Run({ start: 'beginning', max_per_second: 20 }, path)
    const startedMs = performance.now()
    for (let sequence = 1; sequence <= 30; sequence += 1) await say(run, sequence)
    expect(performance.now() - startedMs).toBeGreaterThan(1400)
  })
})

test('it leaves the log to those who hold it, and says what an ordinary user may not', async () => {
  const idle = kmsgSchema.parse({ unless: ['/proc'] })
  expect(await kmsg.probe(idle)).toEqual({ usable: true, blindSpots: [] })
  await using collector = await kmsg.open(idle, { log: silentLogger, clock: systemClock })
  const stop = new AbortController()
  const next = collector.records(stop.signal)[Symbol.asyncIterator]().next()
  stop.abort()
  expect(await next).toEqual({ done: true, value: undefined })
})
