import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { silentLogger, systemClock } from '@vedette/base'
import type { JournalRecord } from '@vedette/model'
import { JournalWriter } from '@vedette/formats/testing/journal-writer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { JournalCollector } from './collector.ts'
import { journalSchema } from './config.ts'

const MACHINE = 'fedcba9876543210fedcba9876543210'
const idOf = (number: number) => number.toString(16).padStart(32, '0')

let folder: string
let logs: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-journal-'))
  logs = join(folder, 'journal', MACHINE)
  mkdirSync(logs, { recursive: true })
  mkdirSync(join(folder, 'state'))
})
afterEach(() => rmSync(folder, { recursive: true }))

class Run implements AsyncDisposable {
  readonly records: JournalRecord[] = []
  readonly collector
  readonly #stop = new AbortController()
  readonly #reading
  batches = 0

  constructor(config: object = {}, commitUpTo = Infinity) {
    this.collector = new JournalCollector(
      journalSchema.parse({
        folders: [join(folder, 'journal')],
        unless_files: [],
        poll_interval_ms: 20,
        ...config,
      }),
      { log: silentLogger, clock: systemClock, stateFolder: join(folder, 'state') },
    )
    this.#reading = this.#read(commitUpTo)
  }

  async #read(commitUpTo: number): Promise<void> {
    for await (const batch of this.collector.records(this.#stop.signal)) {
      this.records.push(...batch)
      this.batches += 1
      if (this.records.length <= commitUpTo) await this.collector.commit(this.batches)
    }
  }

  get messages(): (string | undefined)[] {
    return this.records.map(({ fields }) => fields['MESSAGE'])
  }

  /** Waits for so many entries, and a little longer, so that one too many is seen. */
  async reaches(count: number): Promise<(string | undefined)[]> {
    for (let tries = 0; tries < 500 && this.records.length < count; tries += 1) await delay(10)
    await delay(60)
    return this.messages
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#reading
    await this.collector[Symbol.asyncDispose]()
  }
}

/** Until the first look is over: what is written from then on is new. */
async function started(run: Run): Promise<Run> {
  for (let tries = 0; tries < 500; tries += 1) {
    try {
      readFileSync(join(folder, 'state/journal.json'))
      break
    } catch {
      await delay(5)
    }
  }
  return run
}

const say = (writer: JournalWriter, message: string) =>
  writer.append(1_795_168_800_000_000, [`MESSAGE=${message}`])

describe('the journal', () => {
  test('entries from now on, as they are written', async () => {
    const writer = new JournalWriter({ fileId: idOf(1) })
    const path = join(logs, 'system.journal')
    say(writer, 'old')
    writer.writeTo(path)
    await using run = await started(new Run())
    say(writer, 'one')
    say(writer, 'two')
    writer.writeTo(path)
    expect(await run.reaches(2)).toEqual(['one', 'two'])
    expect(run.records[0]).toMatchObject({ source: 'journal', path, timeMs: 1_795_168_800_000 })
    expect(run.collector.counters()).toEqual({ emitted: 2, delivered: 2, lost: 0 })
  })

  test('a file that is archived under another name is read to its end, and the new one from its beginning', async () => {
    let writer = new JournalWriter({ fileId: idOf(1) })
    const path = join(logs, 'system.journal')
    writer.writeTo(path)
    await using run = await started(new Run())
    const expected: string[] = []
    for (let rotation = 2; rotation < 12; rotation += 1) {
      for (let i = 0; i < 5; i += 1) {
        expected.push(`${rotation} ${i}`)
        say(writer, `${rotation} ${i}`)
      }
      writer.archive()
      writer.writeTo(path)
      renameSync(path, join(logs, `system@${idOf(1)}-${idOf(rotation)}.journal`))
      writer = new JournalWriter({ fileId: idOf(rotation) })
      writer.writeTo(path)
      await delay(rotation % 3 === 0 ? 40 : 0)
    }
    expect(new Set(await run.reaches(50))).toEqual(new Set(expected))
    expect(run.messages).toHaveLength(50)
  })

  test('after a restart it goes on behind what was committed, also in what was rotated meanwhile', async () => {
    let writer = new JournalWriter({ fileId: idOf(1) })
    const path = join(logs, 'system.journal')
    say(writer, 'passed over')
    writer.writeTo(path)
    {
      await using run = await started(new Run())
      say(writer, 'seen')
      writer.writeTo(path)
      expect(await run.reaches(1)).toEqual(['seen'])
    }
    say(writer, 'missed 1')
    writer.archive()
    writer.writeTo(path)
    renameSync(path, join(logs, 'system@1.journal'))
    writer = new JournalWriter({ fileId: idOf(2) })
    say(writer, 'missed 2')
    writer.writeTo(path)
    {
      await using run = new Run({}, 1)
      expect(new Set(await run.reaches(2))).toEqual(new Set(['missed 1', 'missed 2']))
    }
    await using run = new Run()
    say(writer, 'later')
    writer.writeTo(path)
    expect(await run.reaches(2)).toEqual(['missed 2', 'later'])
  })

  test('a real file of systemd, from its beginning', async () => {
    const packed = join(
      import.meta.dirname,
      '../../../../formats/src/journal/testing/real/compact.journal.zst',
    )
    writeFileSync(join(logs, 'system.journal'), zstdDecompressSync(readFileSync(packed)))
    await using run = new Run({ start: 'beginning' })
    const messages = await run.reaches(77)
    expect(messages).toHaveLength(77)
    expect(messages[0]).toMatch(/^Accepted publickey for anna/)
  })

  test('a file that is removed, one that is a copy, and one that is no journal do no harm', async () => {
    const writer = new JournalWriter({ fileId: idOf(1) })
    const path = join(logs, 'system.journal')
    writer.writeTo(path)
    await using run = await started(new Run())
    writeFileSync(join(logs, 'broken.journal'), 'x'.repeat(1000))
    say(writer, 'one')
    writer.writeTo(path)
    await run.reaches(1)
    writeFileSync(join(logs, 'copy.journal'), writer.bytes)
    await delay(80)
    unlinkSync(path)
    await delay(80)
    const next = new JournalWriter({ fileId: idOf(2) })
    say(next, 'two')
    next.writeTo(join(logs, 'system.journal'))
    expect(await run.reaches(2)).toEqual(['one', 'two'])
    expect(run.collector.blindSpots()).toEqual([
      {
        code: 'journal-unreadable',
        message: expect.stringContaining('broken.journal are not seen: not-a-journal'),
      },
    ])
  })

  test('damaged entries are counted as lost', async () => {
    const writer = new JournalWriter({ fileId: idOf(1) })
    const path = join(logs, 'system.journal')
    writer.writeTo(path)
    await using run = await started(new Run())
    const offset = say(writer, 'damaged')
    writer.bytes[offset] = 7
    say(writer, 'whole')
    writer.writeTo(path)
    expect(await run.reaches(1)).toEqual(['whole'])
    expect(run.collector.counters()).toEqual({ emitted: 2, delivered: 1, lost: 1 })
  })

  test('where a syslog daemon writes files, it is left to them', async () => {
    const writer = new JournalWriter({ fileId: idOf(1) })
    say(writer, 'in both')
    writer.writeTo(join(logs, 'system.journal'))
    const file = join(folder, 'auth.log')
    appendFileSync(file, '')
    chmodSync(file, 0o600)
    await using idle = new Run({ start: 'beginning', unless_files: [file] })
    await delay(100)
    expect(idle.messages).toEqual([])
    await using always = new Run({ start: 'beginning', unless_files: [file], read: 'always' })
    expect(await always.reaches(1)).toEqual(['in both'])
  })
})
