import type { KernelRecord } from '@vedette/model'
import type { CallSequence, Followed } from './call-sequences.ts'
import type { EbpfConfig } from './config.ts'
import { KINDS, type KindName } from './kinds.ts'

/** What the worker is started with. */
export interface WorkerStart {
  readonly config: EbpfConfig
  /** `Shared`. */
  readonly shared: SharedArrayBuffer
}

/** Kinds to be told, or told no more. */
export type KindSwitches = Readonly<Partial<Record<KindName, boolean>>>

/** From the main thread to the worker. */
export type Command =
  | { readonly type: 'stop' }
  | { readonly type: 'watch'; readonly id: number; readonly path: string }
  | { readonly type: 'unwatch'; readonly id: number }
  /** Which kinds are told from now on; the others stay as they are. */
  | { readonly type: 'kinds'; readonly id: number; readonly kinds: KindSwitches }
  | { readonly type: 'follow' | 'unfollow' | 'sequence'; readonly id: number; readonly of: Followed }

/** From the worker to the main thread. */
export type Report =
  /** Whether every system call is looked at, or those alone that something is told about. */
  | { readonly type: 'ready'; readonly everyCall: boolean }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | {
      readonly type: 'records'
      readonly processes: Uint8Array<ArrayBuffer> | undefined
      readonly bulk: Uint8Array<ArrayBuffer> | undefined
      /** Records of `bulk` that user space had to look into, and those of what it counted; in order of time. */
      readonly resolved: readonly KernelRecord[]
      readonly bootTimeMs: number
    }
  | {
      readonly type: 'obeyed'
      readonly id: number
      readonly error?: string
      readonly sequence?: CallSequence
    }
  | { readonly type: 'unreadable'; readonly paths: readonly string[]; readonly full: boolean }
  /** Which kinds are being given up since more happens than can be told; none once all are told again. */
  | { readonly type: 'losing'; readonly kinds: readonly KindName[] }
  | { readonly type: 'ended' }

/**
 * Numbers that both threads see, so that asking for them costs nothing. The worker writes all but `taken`, which the main
 * thread counts down.
 */
export class Shared {
  readonly buffer: SharedArrayBuffer
  /** Records that the kernel made, by type. */
  readonly emitted: Float64Array
  /** Those of them that found the ring full. */
  readonly lost: Float64Array
  /** [events that no program saw, records that were about nothing watched] */
  readonly extra: Float64Array
  /** Bytes on their way to the main thread: of the process ring, of the bulk ring. */
  readonly inFlight: Int32Array
  /** Rises with each turn of the worker, which takes some ten milliseconds: a sign of life. */
  readonly turns: Int32Array

  constructor(buffer = new SharedArrayBuffer((2 * KINDS + 2) * 8 + 12)) {
    this.buffer = buffer
    this.emitted = new Float64Array(buffer, 0, KINDS)
    this.lost = new Float64Array(buffer, KINDS * 8, KINDS)
    this.extra = new Float64Array(buffer, 2 * KINDS * 8, 2)
    this.inFlight = new Int32Array(buffer, (2 * KINDS + 2) * 8, 2)
    this.turns = new Int32Array(buffer, (2 * KINDS + 2) * 8 + 8, 1)
  }
}
