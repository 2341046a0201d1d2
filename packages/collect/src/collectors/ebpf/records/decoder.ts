import type { KernelRecord } from '@vedette/model'
import { kinds } from '../kinds.ts'
import { type Chunk, type DecodeContext, type DecodeRecord, head, u64 } from './chunk.ts'
import { decodeDns } from './dns.ts'
import { decodeFile, isUnresolved } from './files.ts'
import { PathNames } from './path-names.ts'
import { decodeExec, decodeExit, decodeFork } from './processes.ts'
import { decodeRawSocket } from './raw-sockets.ts'
import { decodeSelfDelete, decodeSignal } from './signals.ts'
import { decodeSocket } from './sockets.ts'
import { decodeSystem } from './system.ts'

/** How each kind is read, by its number. */
const decoders: (DecodeRecord | undefined)[] = []
decoders[kinds.exec] = decodeExec
decoders[kinds.fork] = decodeFork
decoders[kinds.exit] = decodeExit
decoders[kinds.connect] = decodeSocket('connect')
decoders[kinds.accept] = decodeSocket('accept')
decoders[kinds.listen] = decodeSocket('listen')
decoders[kinds.close] = decodeSocket('close')
decoders[kinds.bind] = decodeSocket('bind')
decoders[kinds.send] = decodeSocket('send')
decoders[kinds.raw] = decodeRawSocket
decoders[kinds.dns] = decodeDns
decoders[kinds.signal] = decodeSignal
decoders[kinds.self_delete] = decodeSelfDelete
decoders[kinds.file] = (chunk, at, context) =>
  isUnresolved(chunk, at) ? undefined : decodeFile(chunk, at, context)

for (let kind: number = kinds.trace; kind <= kinds.perf; kind += 1) decoders[kind] = decodeSystem

/**
 * Turns the sensor's records into those of the model. Text that is not UTF-8 gets U+FFFD for each byte that does not fit.
 */
export class Decoder implements DecodeContext {
  readonly paths = new PathNames()
  /** Milliseconds since the epoch at which the machine booted. */
  bootTimeMs = 0

  /** Adds the records of a chunk to `to`, without those that user space must look at first (`isUnresolved`). */
  decode(chunk: Chunk, to: KernelRecord[]): void {
    chunk.each((at) => {
      const record = decoders[chunk.words[at + head.type] as number]?.(chunk, at, this)
      if (record) to.push(record)
    })
  }

  time({ words }: Chunk, at: number): number {
    return this.bootTimeMs + u64(words, at + head.time) / 1e6
  }
}
