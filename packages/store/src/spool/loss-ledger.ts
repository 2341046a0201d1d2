import { crc32 } from 'node:zlib'
import type { Logger } from '@vedette/base'
import type { Gap } from '@vedette/model'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'

/**
 * A record of the ledger, big-endian. A file begins with a head, which says how many records of a whole copy follow it;
 * those after them were added one by one.
 *
 *     0  mark, 4 bytes       8  run, 8       24  to, 8        40  events, 8
 *     4  CRC-32 of the rest  16  from, 8     32  batches, 8
 *
 * A head has the records of the copy in `from`, and under `batches` and `events` what was lost earlier than all of them.
 */
const RECORD_BYTES = 48
const HEAD = 0x56_53_02_48
const LOST = 0x56_53_02_4c
const CAME_ALL_THE_SAME = 0x56_53_02_43
const NAME = /^\d{12}\.losses$/
const NO_RUN = '0000000000000000'

/** Most bytes of the ledger of a spool with that cap, also while a new file takes the place of the old one. */
export function ledgerBytes(capBytes: number): number {
  return Math.max(2048, Math.min(256 * 1024, Math.floor(capBytes / 32)))
}

/**
 * What a spool lost, on disk before anything that comes after the loss can leave: so whoever sees a gap in the numbers of a
 * run also hears of it from the agent, whatever ended that in between. The newest gaps are kept one by one, older ones as a
 * sum.
 */
export class LossLedger {
  readonly #files: SpoolFiles
  readonly #log: Logger
  readonly #maxBytes: number
  readonly #gaps = new Map<string, Gap[]>()
  #earlier = { batches: 0, events: 0 }
  #events = 0
  #nextFile = 1
  #oldFiles: string[] = []
  #file: SpoolFile | undefined
  #sizeBytes = 0
  #writing: Promise<void> = Promise.resolve()

  private constructor(files: SpoolFiles, log: Logger, maxBytes: number) {
    this.#files = files
    this.#log = log
    this.#maxBytes = maxBytes
  }

  /** Reads what is there and changes nothing. */
  static async open(files: SpoolFiles, log: Logger, capBytes: number): Promise<LossLedger> {
    const ledger = new LossLedger(files, log, ledgerBytes(capBytes))
    await ledger.#recover()
    return ledger
  }

  /** Bytes on disk. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Events lost in the life of the spool. */
  get events(): number {
    return this.#events
  }

  /** Gaps that are still known one by one, of each run in order. */
  *gaps(): Iterable<Gap> {
    for (const gaps of this.#gaps.values()) yield* gaps
  }

  /** Whether that batch was given up. */
  covers(run: string, sequence: number): boolean {
    const gaps = this.#gaps.get(run) ?? []
    return gaps.some(({ from, to, batches }) => batches > 0 && from <= sequence && sequence <= to)
  }

  /** Whether exactly that is known already. */
  knows({ run, from, events }: Gap): boolean {
    return this.#gaps.get(run)?.some((gap) => gap.from === from && gap.events === events) ?? false
  }

  /** Resolves once it is on disk; only then may what comes after the gap be kept. */
  add(gaps: readonly Gap[]): Promise<void> {
    return this.#write(merged(gaps), LOST)
  }

  /** A batch that was given up while it was under way is stored all the same. */
  takeBack(run: string, sequence: number, events: number): Promise<void> {
    return this.#write([{ run, from: sequence, to: sequence, batches: 1, events }], CAME_ALL_THE_SAME)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
    await this.#file?.close()
    this.#file = undefined
  }

  #write(gaps: readonly Gap[], mark: number): Promise<void> {
    const written = this.#writing.then(async () => {
      const bytes = Buffer.concat(gaps.map((gap) => record(mark, gap)))
      // One that is half full is written anew, so that both files together stay within what they may take.
      if (this.#file === undefined || this.#sizeBytes + bytes.length > this.#maxBytes / 2) await this.#renew()
      const file = this.#file
      if (file === undefined) throw new Error('no file to write to')
      try {
        await file.write(bytes)
        await file.sync()
      } catch (error) {
        // Nobody knows what of it is on disk: the next one writes a file of its own.
        this.#file = undefined
        await file.close().catch(() => undefined)
        throw error
      }
      this.#sizeBytes += bytes.length
      for (const gap of gaps) this.#note(mark, gap)
    })
    this.#writing = written.catch(() => undefined)
    return written
  }

  /** A new file with all that is known. The old one goes once the new one is sure to be there. */
  async #renew(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    this.#forgetOldest(Math.max(1, Math.floor(this.#maxBytes / 4 / RECORD_BYTES) - 1))
    const gaps = [...this.gaps()]
    const name = `${String(this.#nextFile).padStart(12, '0')}.losses`
    this.#nextFile += 1
    const head = { run: NO_RUN, from: gaps.length, to: 0, ...this.#earlier }
    const bytes = Buffer.concat([record(HEAD, head), ...gaps.map((gap) => record(LOST, gap))])
    const file = await this.#files.create(name)
    try {
      await file.write(bytes)
      await file.sync()
      await this.#files.syncFolder()
    } catch (error) {
      await file.close().catch(() => undefined)
      await this.#files.remove(name).catch(() => undefined)
      throw error
    }
    const old = this.#oldFiles
    this.#oldFiles = [name]
    this.#file = file
    this.#sizeBytes = bytes.length
    for (const one of old) {
      await this.#files.remove(one).catch((error: unknown) => {
        // The newest whole one counts, so an old one does no harm.
        this.#log.warn({ error, file: one }, 'an old ledger of losses could not be removed')
      })
    }
  }

  async #recover(): Promise<void> {
    const names = this.#files
      .list()
      .filter((name) => NAME.test(name))
      .sort()
    this.#oldFiles = names
    let isRead = false
    for (const name of names.toReversed()) {
      const bytes = await this.#files.read(name)
      this.#sizeBytes += bytes.length
      this.#nextFile = Math.max(this.#nextFile, Number(name.slice(0, 12)) + 1)
      isRead ||= this.#read(bytes)
    }
    if (names.length > 0 && !isRead)
      this.#log.error(
        { files: names.length },
        'the ledger of losses is damaged: what was lost earlier is not known',
      )
  }

  /** @returns whether the copy at its beginning is whole */
  #read(bytes: Buffer): boolean {
    const [head, ...rest] = recordsIn(bytes)
    if (head?.mark !== HEAD) return false
    const copy = rest.slice(0, head.gap.from)
    if (copy.length < head.gap.from || copy.some((one) => one === undefined)) return false
    this.#earlier = { batches: head.gap.batches, events: head.gap.events }
    this.#events = head.gap.events
    for (const one of rest) if (one !== undefined) this.#note(one.mark, one.gap)
    return true
  }

  #note(mark: number, gap: Gap): void {
    const gaps = this.#gaps.get(gap.run) ?? []
    this.#gaps.set(gap.run, gaps)
    if (mark === LOST) {
      this.#events += gap.events
      const last = gaps.at(-1)
      const both = last === undefined ? undefined : joined(last, gap)
      if (both === undefined) gaps.push(gap)
      else gaps[gaps.length - 1] = both
      return
    }
    const index = gaps.findIndex(({ from, to, batches }) => batches > 0 && from <= gap.from && gap.to <= to)
    const found = gaps[index]
    if (found === undefined) return
    this.#events -= gap.events
    const left = { ...found, batches: found.batches - 1, events: found.events - gap.events }
    if (left.batches > 0) gaps[index] = left
    else gaps.splice(index, 1)
  }

  #forgetOldest(most: number): void {
    let over = [...this.gaps()].length - most
    for (const [run, gaps] of this.#gaps) {
      for (const { batches, events } of gaps.splice(0, Math.max(0, over))) {
        this.#earlier = {
          batches: this.#earlier.batches + batches,
          events: this.#earlier.events + events,
        }
        over -= 1
      }
      if (gaps.length === 0) this.#gaps.delete(run)
      if (over <= 0) return
    }
  }
}

/** Two gaps of a run as one, where nothing lies between them. What never became a batch stays by itself. */
function joined(one: Gap, next: Gap): Gap | undefined {
  if (one.run !== next.run || next.from !== one.to + 1 || one.batches === 0 || next.batches === 0)
    return undefined
  return { ...one, to: next.to, batches: one.batches + next.batches, events: one.events + next.events }
}

function merged(gaps: readonly Gap[]): Gap[] {
  const found: Gap[] = []
  for (const gap of gaps) {
    const last = found.at(-1)
    const both = last === undefined ? undefined : joined(last, gap)
    if (both === undefined) found.push(gap)
    else found[found.length - 1] = both
  }
  return found
}

function record(mark: number, { run, from, to, batches, events }: Gap): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES)
  bytes.writeUInt32BE(mark, 0)
  bytes.write(run.padStart(16, '0'), 8, 8, 'hex')
  for (const [index, number] of [from, to, batches, events].entries())
    bytes.writeBigUInt64BE(BigInt(number), 16 + 8 * index)
  bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4)
  return bytes
}

/** Each record in its place; a damaged one is undefined. */
function recordsIn(bytes: Buffer): ({ readonly mark: number; readonly gap: Gap } | undefined)[] {
  const count = Math.floor(bytes.length / RECORD_BYTES)
  return Array.from({ length: count }, (_, index) => {
    const one = bytes.subarray(index * RECORD_BYTES, (index + 1) * RECORD_BYTES)
    const mark = one.readUInt32BE(0)
    if (mark !== HEAD && mark !== LOST && mark !== CAME_ALL_THE_SAME) return undefined
    if (crc32(one.subarray(8)) !== one.readUInt32BE(4)) return undefined
    const number = (at: number) => Number(one.readBigUInt64BE(at))
    const gap = {
      run: one.toString('hex', 8, 16),
      from: number(16),
      to: number(24),
      batches: number(32),
      events: number(40),
    }
    return { mark, gap }
  })
}
