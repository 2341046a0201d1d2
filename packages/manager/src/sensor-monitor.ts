import type { Clock } from '@vedette/base'
import type { PartReport, SensorEnd, SensorEvent, SensorRecord } from '@vedette/model'

type Cause = SensorEvent['cause']

/** What is known of a part at one moment. */
interface Books {
  readonly lost: number
  readonly kinds: ReadonlyMap<string, number>
}

interface Episode {
  readonly cause: Cause
  readonly before: Books
  readonly startedMs: number
  lastTroubleMs: number
}

const NOTHING: Books = { lost: 0, kinds: new Map() }
/** An episode is over when nothing was wrong for so long: what comes and goes every few seconds is one. */
const QUIET_MS = 30_000
/** Sockets whose process may not be known: one of the blind spots of such a host, at all times. */
const UNOWNED = 'unowned'
/** As many as an Event may name. */
const MAX_KINDS = 64
const MAX_DETAIL = 1000

/**
 * Notices when the watch sees less than it should: a part that loses, fails, or was ended since it did not answer. Each
 * episode of a part is told once when it begins and once when it is over, whatever happens in between.
 */
export class SensorMonitor {
  readonly #clock: Clock
  readonly #tell: (record: SensorRecord) => void
  readonly #known = new Map<string, Books>()
  readonly #episodes = new Map<string, Episode>()
  #told = 0

  constructor(clock: Clock, tell: (record: SensorRecord) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** How many records it made. */
  get told(): number {
    return this.#told
  }

  /** Looks at the books of all parts; several times a second makes an alert that comes within a second. */
  observe(parts: readonly PartReport[]): void {
    for (const part of parts) {
      const before = this.#known.get(part.name) ?? NOTHING
      const now = booksOf(part)
      this.#known.set(part.name, now)
      if (now.lost > before.lost) this.#trouble(part.name, 'loss', undefined, before)
      else if (part.state === 'failed') this.#trouble(part.name, 'failed', undefined, before)
    }
    this.#endOld()
  }

  /** Something is wrong with a part that its books do not show. */
  note(part: string, cause: Cause, detail?: string, endedBy?: SensorEnd): void {
    this.#trouble(part, cause, detail, this.#known.get(part) ?? NOTHING, endedBy)
  }

  #trouble(part: string, cause: Cause, detail: string | undefined, before: Books, endedBy?: SensorEnd): void {
    const nowMs = this.#clock.monotonic()
    const episode = this.#episodes.get(part)
    if (episode !== undefined) {
      episode.lastTroubleMs = nowMs
      return
    }
    const begun: Episode = { cause, before, startedMs: nowMs, lastTroubleMs: nowMs }
    this.#episodes.set(part, begun)
    this.#say('degraded', part, begun, 0, detail, endedBy)
  }

  #endOld(): void {
    const nowMs = this.#clock.monotonic()
    for (const [part, episode] of this.#episodes) {
      if (nowMs - episode.lastTroubleMs < QUIET_MS) continue
      this.#episodes.delete(part)
      this.#say('restored', part, episode, episode.lastTroubleMs - episode.startedMs, undefined)
    }
  }

  #say(
    activity: SensorRecord['activity'],
    part: string,
    { cause, before }: Episode,
    durationMs: number,
    detail: string | undefined,
    endedBy?: SensorEnd,
  ): void {
    const now = this.#known.get(part) ?? NOTHING
    const kinds = [...now.kinds]
      .map(([kind, lost]) => [kind, lost - (before.kinds.get(kind) ?? 0)] as const)
      .filter(([, lost]) => lost > 0)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_KINDS)
    this.#told += 1
    this.#tell({
      source: 'sensor',
      timeMs: this.#clock.now(),
      activity,
      part,
      cause,
      lost: Math.max(0, now.lost - before.lost),
      ...(kinds.length > 0 && { lost_by_kind: Object.fromEntries(kinds) }),
      duration_ms: Math.round(durationMs),
      ...(detail !== undefined && { detail: detail.slice(0, MAX_DETAIL) }),
      ...(endedBy !== undefined && { ended_by: endedBy }),
    })
  }
}

function booksOf({ counters, kinds }: PartReport): Books {
  const { [UNOWNED]: unowned, ...others } = kinds ?? {}
  return {
    lost: counters.lost - (unowned?.lost ?? 0),
    kinds: new Map(Object.entries(others).map(([kind, { lost }]) => [kind, lost])),
  }
}
