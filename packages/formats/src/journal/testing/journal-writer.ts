import { closeSync, openSync, writeSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'

export interface JournalWriterOptions {
  readonly compact?: boolean
  readonly compression?: 'none' | 'zstd' | 'lz4'
  /** 32 hex digits. */
  readonly fileId?: string
}

const HEADER_BYTES = 264
const NO_ID = '0'.repeat(32)

/** Writes files of the systemd journal for tests: small, without hash tables, which readers of whole files do not need. */
export class JournalWriter {
  readonly #compact: boolean
  readonly #compression: 'none' | 'zstd' | 'lz4'
  #bytes: Buffer = Buffer.alloc(HEADER_BYTES)
  readonly #data = new Map<string, number>()
  #entries = 0
  #array: { readonly offset: number; readonly capacity: number; used: number } | undefined

  constructor({ compact = true, compression = 'none', fileId = NO_ID }: JournalWriterOptions = {}) {
    this.#compact = compact
    this.#compression = compression
    const header = this.#bytes
    header.write('LPKSHHRH', 'latin1')
    header.writeUInt32LE((compact ? 16 : 0) | { none: 0, zstd: 8, lz4: 2 }[compression], 12)
    header[16] = 1
    header.write(fileId, 24, 'hex')
    header.writeBigUInt64LE(BigInt(HEADER_BYTES), 88)
  }

  /** The file as it is now. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Appends an entry; offset of it. `fields` are `NAME=value`. */
  append(realtimeUs: number, fields: readonly string[]): number {
    const items = fields.map((field) => this.#dataOf(field))
    const itemBytes = this.#compact ? 4 : 16
    const entry = Buffer.alloc(48 + items.length * itemBytes)
    this.#entries += 1
    entry.writeBigUInt64LE(BigInt(this.#entries), 0)
    entry.writeBigUInt64LE(BigInt(realtimeUs), 8)
    entry.writeBigUInt64LE(1n, 16)
    for (const [i, offset] of items.entries()) {
      if (this.#compact) entry.writeUInt32LE(offset, 48 + i * itemBytes)
      else entry.writeBigUInt64LE(BigInt(offset), 48 + i * itemBytes)
    }
    const offset = this.#object(3, 0, entry)
    this.#link(offset)
    this.#bytes.writeBigUInt64LE(BigInt(this.#entries), 152)
    return offset
  }

  /** Says that nothing will be written to it any more. */
  archive(): void {
    this.#bytes[16] = 2
  }

  /** Writes it over what stands at a path, as journald does with a file that it has mapped. */
  writeTo(path: string): void {
    const file = openSync(path, 'a+')
    closeSync(file)
    const same = openSync(path, 'r+')
    writeSync(same, this.#bytes, 0, this.#bytes.length, 0)
    closeSync(same)
  }

  #dataOf(field: string): number {
    const known = this.#data.get(field)
    if (known !== undefined) return known
    const plain = Buffer.from(field)
    const [flag, payload] = this.#compressed(plain)
    const offset = this.#object(1, flag, Buffer.concat([Buffer.alloc(this.#compact ? 56 : 48), payload]))
    this.#data.set(field, offset)
    return offset
  }

  #compressed(plain: Buffer): readonly [flag: number, payload: Buffer] {
    if (this.#compression === 'none' || plain.length < 64) return [0, plain]
    if (this.#compression === 'zstd') return [4, zstdCompressSync(plain)]
    const size = Buffer.alloc(8)
    size.writeBigUInt64LE(BigInt(plain.length))
    return [2, Buffer.concat([size, literals(plain)])]
  }

  #link(entry: number): void {
    if (this.#array === undefined || this.#array.used === this.#array.capacity) {
      const capacity = this.#array === undefined ? 4 : this.#array.capacity * 2
      const offset = this.#object(6, 0, Buffer.alloc(8 + capacity * (this.#compact ? 4 : 8)))
      this.#bytes.writeBigUInt64LE(BigInt(offset), this.#array === undefined ? 176 : this.#array.offset + 16)
      this.#array = { offset, capacity, used: 0 }
    }
    const { offset, used } = this.#array
    if (this.#compact) this.#bytes.writeUInt32LE(entry, offset + 24 + used * 4)
    else this.#bytes.writeBigUInt64LE(BigInt(entry), offset + 24 + used * 8)
    this.#array.used += 1
  }

  #object(type: number, flags: number, payload: Buffer): number {
    const offset = this.#bytes.length
    const header = Buffer.alloc(16)
    header[0] = type
    header[1] = flags
    header.writeBigUInt64LE(BigInt(16 + payload.length), 8)
    const padding = Buffer.alloc((8 - (payload.length % 8)) % 8)
    this.#bytes = Buffer.concat([this.#bytes, header, payload, padding])
    return offset
  }
}

/** A block of LZ4 that says the same without compressing. */
function literals(plain: Buffer): Buffer {
  const more = plain.length - 15
  const lengths = more < 0 ? [] : [...Array<number>(Math.floor(more / 255)).fill(255), more % 255]
  return Buffer.concat([Buffer.from([Math.min(plain.length, 15) << 4, ...lengths]), plain])
}
