import type { Clock, Counters, Logger } from '@vedette/base'
import type { BlindSpot, RawRecord } from '@vedette/model'
import type { z } from 'zod'

/** What a probe found: usable (perhaps with things that it will not see) or not, and why. */
export type Probe =
  | { readonly usable: true; readonly blindSpots: readonly BlindSpot[] }
  | { readonly usable: false; readonly reason: BlindSpot }

export interface CollectorContext {
  readonly log: Logger
  readonly clock: Clock
}

/** An open source of records. Whoever opened it disposes of it. */
export interface Collector extends AsyncDisposable {
  readonly name: string
  /**
   * Batches in the order in which they were seen, until the signal aborts (then it ends quietly, with what was already
   * seen handed on). Throws when the source fails and does not retry. Iterated once.
   */
  records(signal: AbortSignal): AsyncIterable<readonly RawRecord[]>
  /** Since it was opened. `emitted = delivered + lost` once `records` has ended. */
  counters(): Counters
  /** What it cannot see, as far as it is known by now. */
  blindSpots(): readonly BlindSpot[]
  /**
   * Watches a file, or a folder and what lies in it, from now on. Present where the source sees files.
   *
   * @returns what ends that watch
   */
  watch?(path: string): Promise<AsyncDisposable>
}

/**
 * A kind of collector. One folder with `config.ts`, `collector.ts`, `index.ts`, and one line in `../index.ts`.
 * Its section of the configuration has the kind's name.
 */
export interface CollectorKind<Config = unknown> {
  readonly name: string
  /** One line for `vedette status` and the documentation. */
  readonly description: string
  /** Strict, with defaults: `parse({})` gives a working configuration. */
  readonly schema: z.ZodType<Config>
  /** Whether it can work on this host, as this user. Changes nothing; takes at most a second. */
  probe(config: Config): Promise<Probe>
  open(config: Config, context: CollectorContext): Promise<Collector>
}
