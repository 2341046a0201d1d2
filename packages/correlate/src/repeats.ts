import type { Alert, AlertId, CountedAlert, CountedRuns, Detection, RepeatUpdate } from '@vedette/model'
import { fingerprintOf, positionOf } from './fingerprint.ts'

const MAX_RUNS = 8

/** An alert and the detections of now that are repeats of it. */
interface Group {
  readonly alert: Alert
  readonly counted: CountedRuns
  readonly repeats: Detection[]
  /** The detection that opened the alert, where that was now. */
  readonly opener?: Detection
}

/** Sorts detections into those that make an alert and those that repeat one. */
export class RepeatGroups {
  readonly #windowMs: number
  readonly #groups = new Map<string, Group[]>()
  readonly #opened = new Map<AlertId, Group>()

  /** @param known alerts that may be repeated */
  constructor(known: readonly CountedAlert[], windowMs: number) {
    this.#windowMs = windowMs
    for (const { alert, counted } of known) this.#add({ alert, counted, repeats: [] })
  }

  /**
   * True when it is a repeat of an alert that is at most the window away in time; the nearest one takes it. A resolved
   * alert is done with: what happens afterwards is news.
   */
  take(detection: Detection): boolean {
    let nearest: Group | undefined
    let nearestMs = Number.POSITIVE_INFINITY
    for (const group of this.#groups.get(fingerprintOf(detection)) ?? []) {
      const awayMs = Math.abs(group.alert.time - detection.time)
      if (group.alert.status === 'resolved' || awayMs > this.#windowMs || awayMs >= nearestMs) continue
      nearest = group
      nearestMs = awayMs
    }
    nearest?.repeats.push(detection)
    return nearest !== undefined
  }

  /** A new alert, which later detections may repeat. */
  open(alert: Alert, detection: Detection): void {
    const group = { alert, counted: {}, repeats: [], opener: detection }
    this.#opened.set(detection.id, group)
    this.#add(group)
  }

  /** The alert that a detection opened, its repeats counted. */
  opened({ id }: Detection): CountedAlert {
    const group = this.#opened.get(id)
    if (group === undefined) throw new RangeError(`detection ${id} opened no alert`)
    return settle(group)
  }

  /** Alerts that were there before and were repeated now. */
  repeated(): { readonly alert: Alert; readonly update: RepeatUpdate }[] {
    return [...this.#groups.values()].flat().flatMap((group) => {
      if (group.repeats.length === 0 || this.#opened.has(group.alert.id)) return []
      const { alert, counted } = settle(group)
      if (alert.count === group.alert.count) return []
      const { id, time, lastSeen, count } = alert
      return [{ alert, update: { id, time, lastSeen, count, counted } }]
    })
  }

  #add(group: Group): void {
    const { fingerprint } = group.alert
    const groups = this.#groups.get(fingerprint)
    if (groups === undefined) this.#groups.set(fingerprint, [group])
    else groups.push(group)
  }
}

/** Counts the repeats that were not counted before: those beyond where counting had come to in their run. */
function settle({ alert, counted, repeats, opener }: Group): CountedAlert {
  const fresh = repeats.filter((detection) => {
    const position = positionOf(detection)
    return position === undefined || position.number > (counted[position.run] ?? -1)
  })
  return {
    alert: {
      ...alert,
      count: alert.count + fresh.length,
      time: Math.min(alert.time, ...fresh.map(({ time }) => time)),
      lastSeen: Math.max(alert.lastSeen, ...fresh.map(({ time }) => time)),
    },
    counted: further(counted, opener === undefined ? fresh : [opener, ...fresh]),
  }
}

function further(counted: CountedRuns, detections: readonly Detection[]): CountedRuns {
  const runs = new Map(Object.entries(counted))
  for (const detection of detections) {
    const position = positionOf(detection)
    if (position === undefined) continue
    const last = Math.max(runs.get(position.run) ?? -1, position.number)
    // The newest run stands last, so the oldest is forgotten first.
    runs.delete(position.run)
    runs.set(position.run, last)
  }
  return Object.fromEntries([...runs].slice(-MAX_RUNS))
}
