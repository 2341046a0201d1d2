import type { Clock, Counters, Logger } from '@vedette/base'
import type { BlindSpot, RawRecord } from '@vedette/model'
import type { z } from 'zod'
import type { Sees } from './kernel/sees.ts'
import type { SideProcess } from './side/side-process.ts'

/** What a probe found: usable (perhaps with things that it will not see) or not, and why. */
export type Probe =
  | { readonly usable: true; readonly blindSpots: readonly BlindSpot[] }
  | { readonly usable: false; readonly reason: BlindSpot }

export interface CollectorContext {
  readonly log: Logger
  readonly clock: Clock
  /**
   * An existing folder of its own, 0700, where it keeps what it needs to go on after a restart. Left out: it begins anew
   * each time.
   */
  readonly stateFolder?: string
  /** The process for what is seldom done, which several share. Left out: it has one of its own. */
  readonly side?: SideProcess
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
  /**
   * The books of `counters` by kind of record: its `type`, of what is about the system its `activity`; `unseen` is what is
   * known to be missing and not of which kind. They add up to `counters`. Left out by sources of one kind.
   */
  kinds?(): Readonly<Record<string, Counters>>
  /**
   * For how long its thread has given no sign of life, milliseconds; 0 while this thread itself was held up. Present where
   * there is such a thread. Where it is silent for too long the collector is disposed of and opened anew.
   */
  silentMs?(): number
  /**
   * Told once the first `batches` batches that `records` gave are kept for good: after a restart it goes on behind them.
   * Batches that were given and not committed are given again, so a batch is lost never and repeated only where the
   * process ended between keeping and committing it. Resolves when that is on disk. Present where the source can go on.
   */
  commit?(batches: number): Promise<void>
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
  /** Which kinds of record it tells of what the kernel does. Present where it watches the kernel. */
  readonly sees?: Sees
  /** Strict, with defaults: `parse({})` gives a working configuration. */
  readonly schema: z.ZodType<Config>
  /** Whether it has anything to do. Present where it does nothing unless it is asked for: then it is not opened at all. */
  isWanted?(config: Config): boolean
  /** Whether it can work on this host, as this user. Changes nothing; takes at most a second. */
  probe(config: Config): Promise<Probe>
  open(config: Config, context: CollectorContext): Promise<Collector>
}
