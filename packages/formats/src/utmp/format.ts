import type { LogSource } from '@vedette/model'
import { Batch } from '../lines/batch.ts'
import type { RecordBatch, RecordFormat, RecordReader } from '../record-format.ts'
import { writeAddress } from '../observable/address.ts'
import { isoText } from '../syslog/record.ts'

const SOURCE: LogSource = { product: 'linux', service: 'utmp' }
const NAMES = /^(?:wtmp|btmp|utmp)(?:[._-].*)?$/

/** utmp(5). */
const TYPES = [
  'empty',
  'run_level',
  'boot_time',
  'new_time',
  'old_time',
  'init_process',
  'login_process',
  'user_process',
  'dead_process',
  'accounting',
] as const

/** Where the fields of a record stand: those of times differ between machines. */
interface Layout {
  readonly size: number
  readonly session: number
  readonly seconds: number
  readonly micros: number
  readonly wide: boolean
  readonly address: number
}

/** x86-64 and 32-bit machines (`__WORDSIZE_TIME64_COMPAT32`), and those with times of 64 bits, such as arm64. */
const LAYOUTS: readonly Layout[] = [
  { size: 384, session: 336, seconds: 340, micros: 344, wide: false, address: 348 },
  { size: 400, session: 336, seconds: 344, micros: 352, wide: true, address: 360 },
]

/** Two records of the larger layout. */
const HEAD_BYTES = 800
/** 1990 to 2106: what another layout gives as a time is elsewhere. */
const [EARLIEST, LATEST] = [631_152_000, 4_294_967_295]

/**
 * Who is, was or wanted to be logged in: utmp, wtmp and btmp (utmp(5)). A record is `{type, pid, line, id, user, host, address,
 * session, exit_status, time}`, text that is empty left out.
 */
export const utmpFormat: RecordFormat = {
  name: 'utmp',
  cut: 'whole',
  recognises: (head, fileName) => NAMES.test(fileName) && layoutOf(head) !== undefined,
  open: () => new UtmpReader(),
}

class UtmpReader implements RecordReader {
  #kept = Buffer.alloc(0)
  #offset = 0
  #number = 0
  #layout: Layout | undefined

  push(bytes: Uint8Array): RecordBatch {
    this.#kept = Buffer.concat([this.#kept, bytes])
    // These tell which layout it is, or the end does.
    return this.#kept.length < HEAD_BYTES && this.#layout === undefined ? new Batch() : this.#read()
  }

  end(): RecordBatch {
    const batch = this.#read()
    if (this.#kept.length > 0) batch.reject(this.#offset, 'truncated')
    return batch
  }

  #read(): Batch {
    const batch = new Batch()
    const layout = (this.#layout ??= layoutOf(this.#kept.subarray(0, HEAD_BYTES)) ?? LAYOUTS[0])
    if (layout === undefined) return batch
    let at = 0
    for (; at + layout.size <= this.#kept.length; at += layout.size) {
      this.#number += 1
      const record = readOne(this.#kept.subarray(at, at + layout.size), layout)
      if (typeof record === 'string') batch.reject(this.#offset + at, record)
      else if (record['type'] !== 'empty') batch.add(record, this.#number, SOURCE)
    }
    this.#kept = this.#kept.subarray(at)
    this.#offset += at
    return batch
  }
}

function readOne(bytes: Buffer, layout: Layout): Readonly<Record<string, unknown>> | string {
  const type = TYPES[bytes.readInt16LE(0)]
  if (type === undefined) return 'unknown-type'
  const seconds = secondsOf(bytes, layout)
  const micros = bytes.readInt32LE(layout.micros)
  const record: Record<string, unknown> = { type, pid: bytes.readInt32LE(4) }
  for (const [name, start, length] of [
    ['line', 8, 32],
    ['id', 40, 4],
    ['user', 44, 32],
    ['host', 76, 256],
  ] as const) {
    const text = textOf(bytes, start, length)
    if (text !== '') record[name] = text
  }
  const address = addressOf(bytes.subarray(layout.address, layout.address + 16))
  if (address !== undefined) record['address'] = address
  record['exit_status'] = bytes.readInt16LE(334)
  record['session'] = bytes.readInt32LE(layout.session)
  const time = isoText(seconds * 1000 + Math.min(Math.max(Math.trunc(micros / 1000), 0), 999))
  if (time !== undefined) record['time'] = time
  return record
}

function secondsOf(bytes: Buffer, { seconds, wide }: Layout): number {
  return wide ? Number(bytes.readBigInt64LE(seconds)) : bytes.readUInt32LE(seconds)
}

function textOf(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

const words = new Uint32Array(4)

/** An IPv4 address stands in the first four bytes, with zeros behind them. */
function addressOf(bytes: Buffer): string | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined
  if (bytes.subarray(4).every((byte) => byte === 0)) return bytes.subarray(0, 4).join('.')
  for (let i = 0; i < 4; i += 1) words[i] = bytes.readUInt32BE(i * 4)
  return writeAddress(6, words)
}

/** The layout in which the first records make sense. */
function layoutOf(head: Uint8Array): Layout | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  return LAYOUTS.find((layout) => {
    const count = Math.min(Math.floor(bytes.length / layout.size), 8)
    for (let i = 0; i < count; i += 1) {
      const record = bytes.subarray(i * layout.size, (i + 1) * layout.size)
      const type = record.readInt16LE(0)
      const seconds = secondsOf(record, layout)
      if (type < 0 || type >= TYPES.length) return false
      if (type !== 0 && (seconds < EARLIEST || seconds > LATEST)) return false
    }
    return count > 0
  })
}
