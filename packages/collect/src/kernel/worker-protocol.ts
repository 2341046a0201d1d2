import type { BlindSpot, RawRecord } from '@vedette/model'

/** What a collector and its worker say to each other. */
export type ToWorker =
  | { readonly type: 'stop' }
  | { readonly type: 'watch'; readonly id: number; readonly path: string }
  | { readonly type: 'unwatch'; readonly id: number }

export type FromWorker =
  /** The source is open. */
  | { readonly type: 'ready'; readonly blindSpots: readonly BlindSpot[] }
  /** Once a second, from the worker's event loop: it is not stuck. */
  | { readonly type: 'alive'; readonly blindSpots: readonly BlindSpot[] }
  | {
      readonly type: 'records'
      readonly records: readonly RawRecord[]
      readonly lost: number
      readonly ofKind: string
    }
  | { readonly type: 'watching'; readonly id: number }
  | { readonly type: 'failed'; readonly message: string }
  /** Nothing comes after this. */
  | { readonly type: 'ended' }
