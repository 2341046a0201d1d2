import { DISCARDED, RECORD_HEADER, RECORD_LENGTH } from '@vedette/linux'
import type { KernelRecord, ProcessIdentity } from '@vedette/model'
import type { PathNames } from './path-names.ts'

/**
 * The start of every record, in 32-bit words from its place in the chunk. The layouts in this folder are those of bpf/*.h:
 * places counted in words, or in bytes where the name says so. A change there is a change here.
 */
export const head = { time: 0, type: 2, pid: 3, start: 4 } as const

/** What decoding a record needs beside its bytes. */
export interface DecodeContext {
  /** When a record was made, ms since the epoch. */
  time(chunk: Chunk, at: number): number
  readonly paths: PathNames
}

/** Reads the record at a place of a chunk; nothing where it is not to be told. */
export type DecodeRecord = (chunk: Chunk, at: number, context: DecodeContext) => KernelRecord | undefined

/** A chunk of records as they were in the ring, ready to be read. */
export class Chunk {
  readonly words: Uint32Array
  readonly halves: Uint16Array
  readonly bytes: Buffer

  constructor(chunk: Uint8Array<ArrayBuffer>) {
    this.words = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.byteLength >> 2)
    this.halves = new Uint16Array(chunk.buffer, chunk.byteOffset, chunk.byteLength >> 1)
    this.bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }

  /** Calls back with the place of each record, in 32-bit words. */
  each(visit: (at: number) => void): void {
    const { words } = this
    for (let at = 0; at < words.length;) {
      const header = words[at] as number
      if ((header & DISCARDED) === 0) visit(at + RECORD_HEADER / 4)
      at += ((RECORD_HEADER + (header & RECORD_LENGTH) + 7) >> 3) << 1
    }
  }
}

/** The process that a record is about. */
export function actor({ words }: Chunk, at: number): ProcessIdentity {
  return identity(words, at + head.pid, at + head.start)
}

/** A number of 64 bits. Exact up to 2^53. */
export function u64(words: Uint32Array, at: number): number {
  return (words[at + 1] as number) * 0x1_0000_0000 + (words[at] as number)
}

export function identity(words: Uint32Array, pidAt: number, startAt: number): ProcessIdentity {
  return { pid: words[pidAt] as number, startTicks: ticks(words, startAt) }
}

/**
 * Nanoseconds to clock ticks of 10 ms, rounded down. 2^32 ns are 429 ticks and 4967296 ns, so no step goes beyond 2^53
 * and the result is exact, as it must be to name the process that /proc names.
 */
function ticks(words: Uint32Array, at: number): number {
  const low = words[at] as number
  const high = words[at + 1] as number
  return high * 429 + Math.floor((high * 4_967_296 + low) / 10_000_000)
}
