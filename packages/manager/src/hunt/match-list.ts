import type { RuleInfo } from '@vedette/model'
import type { HuntMatch } from './match.ts'
import { SpoolFile } from './spool-file.ts'

/** Matches that a list keeps; about 50 bytes of memory each, and the records on disk. */
const MOST_MATCHES = 2_000_000

/** Matches put aside to be read again in another order. Bounded: what is beyond is only counted. */
export class MatchList {
  readonly #most: number
  readonly #spool = new SpoolFile()
  readonly #rules = new Names<RuleInfo>()
  readonly #hosts = new Names<string>()
  readonly #files = new Names<string>()
  #columns = columns(1024)
  #length = 0
  #refused = 0

  constructor(most = MOST_MATCHES) {
    this.#most = most
  }

  get length(): number {
    return this.#length
  }

  /** Matches that there was no room for. */
  get refused(): number {
    return this.#refused
  }

  add({ rule, timeMs, host, file, record, event }: HuntMatch): void {
    if (this.#length >= this.#most) {
      this.#refused += 1
      return
    }
    if (this.#length === this.#columns.times.length) this.#columns = grown(this.#columns)
    const { offset, sizeBytes } = this.#spool.append(event)
    const at = this.#length
    const { rules, hosts, files, times, records, offsets, sizes } = this.#columns
    rules[at] = this.#rules.placeOf(rule)
    hosts[at] = this.#hosts.placeOf(host)
    files[at] = this.#files.placeOf(file)
    times[at] = timeMs ?? Number.NaN
    records[at] = record
    offsets[at] = offset
    sizes[at] = sizeBytes
    this.#length += 1
  }

  /** Places in order of time; matches without one come last, all in the order in which they were added. */
  byTime(): Uint32Array {
    const { times } = this.#columns
    const places = Uint32Array.from({ length: this.#length }, (_, place) => place)
    return places.sort((a, b) => {
      const [x = Number.NaN, y = Number.NaN] = [times[a], times[b]]
      if (x === y) return a - b
      if (Number.isNaN(x)) return Number.isNaN(y) ? a - b : 1
      return Number.isNaN(y) ? -1 : x - y
    })
  }

  /** Milliseconds since the epoch; undefined where the record does not say. */
  timeAt(place: number): number | undefined {
    const timeMs = this.#columns.times[place]
    return timeMs === undefined || Number.isNaN(timeMs) ? undefined : timeMs
  }

  at(place: number): HuntMatch {
    const { rules, hosts, files, times, records, offsets, sizes } = this.#columns
    const timeMs = times[place] ?? Number.NaN
    return {
      rule: this.#rules.at(rules[place] ?? 0),
      timeMs: Number.isNaN(timeMs) ? undefined : timeMs,
      host: this.#hosts.at(hosts[place] ?? 0),
      file: this.#files.at(files[place] ?? 0),
      record: records[place] ?? 0,
      event: this.#spool.read({ offset: offsets[place] ?? 0, sizeBytes: sizes[place] ?? 0 }).toString(),
    }
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]()
  }
}

/** Values that come again and again, kept once. */
class Names<T> {
  readonly #places = new Map<T, number>()
  readonly #values: T[] = []

  placeOf(value: T): number {
    const known = this.#places.get(value)
    if (known !== undefined) return known
    this.#places.set(value, this.#values.length)
    return this.#values.push(value) - 1
  }

  at(place: number): T {
    return this.#values[place] as T
  }
}

function columns(capacity: number) {
  return {
    rules: new Uint32Array(capacity),
    hosts: new Uint32Array(capacity),
    files: new Uint32Array(capacity),
    times: new Float64Array(capacity),
    records: new Float64Array(capacity),
    offsets: new Float64Array(capacity),
    sizes: new Uint32Array(capacity),
  }
}

function grown(old: ReturnType<typeof columns>): ReturnType<typeof columns> {
  const fresh = columns(old.times.length * 2)
  for (const key of ['rules', 'hosts', 'files', 'times', 'records', 'offsets', 'sizes'] as const)
    fresh[key].set(old[key])
  return fresh
}
