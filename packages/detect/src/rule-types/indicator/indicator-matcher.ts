import { createHash } from 'node:crypto'
import { type Clock, visible } from '@vedette/base'
import type { ForeignRecord } from '@vedette/formats'
import {
  type AlertId,
  type AllowEntry,
  compareSeverity,
  type Detection,
  type Event,
  type EventId,
  type Indicator,
  type IndicatorType,
  type Match,
  processOf,
  type RuleId,
  type RuleInfo,
  type Severity,
  type Technique,
  type Tlp,
} from '@vedette/model'
import type { TechniqueCatalogue } from '../../attack.ts'
import { IndicatorSet, type ObservableKind } from './indicator-set.ts'
import { type Visit, visitObservables } from './observables.ts'
import { visitRecordObservables } from './record-observables.ts'

/** What is matched of an indicator; its description and its sightings stay in the store. */
export type MatchedIndicator = Pick<
  Indicator,
  | 'number'
  | 'type'
  | 'value'
  | 'source'
  | 'confidence'
  | 'severity'
  | 'tlp'
  | 'validFrom'
  | 'validUntil'
  | 'tags'
  | 'techniques'
>
export type MatchedAllowEntry = Pick<AllowEntry, 'number' | 'type' | 'value' | 'expiresAt'>

/** How often something was seen since it was last asked. */
export interface Seen {
  readonly number: number
  readonly count: number
  /** Milliseconds since the epoch, of the events. */
  readonly first: number
  readonly last: number
}

export interface IndicatorMatcherCounters {
  readonly events: number
  readonly detections: number
  /** Matches that an allow entry kept silent. */
  readonly allowed: number
  /** Entries that there was no room for: more patterns with wildcards than are kept. */
  readonly refused: number
  /** Time spent in `evaluate`, milliseconds. */
  readonly busyMs: number
}

export interface IndicatorMatcherOptions {
  readonly clock: Clock
  /** 32 random bits; see `TextTable`. */
  readonly seed: number
  readonly techniques?: TechniqueCatalogue
}

/** Detections of one event at most; a line with a hundred bad addresses is told by its first. */
const MOST_DETECTIONS = 16
const MOST_MATCHES = 32
const LONGEST_VALUE = 4096
/** As rules without points of their own have by their level. */
const POINTS: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 10,
  medium: 25,
  high: 50,
  critical: 80,
}

const NOTHING: readonly Found[] = []

/** What many indicators share. */
interface Origin {
  readonly source: string
  readonly confidence: number
  readonly severity: Severity
  readonly tlp: Tlp
  readonly tags: readonly string[]
  readonly techniques: readonly string[]
}

/** A thing in an event that indicators name. */
interface Found {
  readonly kind: ObservableKind
  readonly value: string
  readonly entries: readonly number[]
  readonly matches: Match[]
}

/**
 * Judges events by indicators: one detection for each thing in an event that some indicator names, whatever the number
 * of its sources. Allow entries win. Changes hold from the next event on. One tenant's; lives in memory.
 */
export class IndicatorMatcher {
  readonly #options: IndicatorMatcherOptions
  readonly #indicators: IndicatorSet
  readonly #allowed: IndicatorSet
  readonly #origins: Origin[] = []
  readonly #originNumbers = new Map<string, number>()
  readonly #entries: number[] = []
  #sightings = new Map<number, Seen>()
  #hits = new Map<number, Seen>()
  #events = 0
  #detections = 0
  #silenced = 0
  #refused = 0
  #busyMs = 0

  constructor(options: IndicatorMatcherOptions) {
    this.#options = options
    this.#indicators = new IndicatorSet(options.seed)
    this.#allowed = new IndicatorSet(~options.seed)
  }

  /** Indicators that are matched. */
  get size(): number {
    return this.#indicators.size
  }

  /** Bytes of its tables. */
  get bytes(): number {
    return this.#indicators.bytes + this.#allowed.bytes
  }

  get counters(): IndicatorMatcherCounters {
    return {
      events: this.#events,
      detections: this.#detections,
      allowed: this.#silenced,
      refused: this.#refused,
      busyMs: this.#busyMs,
    }
  }

  /** Adds an indicator, or puts it in the place of the one with its number and value. */
  add(indicator: MatchedIndicator): void {
    const added = this.#indicators.add({ ...indicator, origin: this.#originOf(indicator) })
    if (!added) this.#refused += 1
  }

  remove({ type, value, number }: Pick<MatchedIndicator, 'type' | 'value' | 'number'>): void {
    this.#indicators.remove({ type, value }, number)
  }

  allow({ number, type, value, expiresAt }: MatchedAllowEntry): void {
    const until = expiresAt === undefined ? {} : { validUntil: expiresAt }
    if (!this.#allowed.add({ number, type, value, origin: 0, validFrom: 0, ...until })) this.#refused += 1
  }

  disallow({ type, value, number }: MatchedAllowEntry): void {
    this.#allowed.remove({ type, value }, number)
  }

  /** Detections of a batch, in the order of its events. */
  evaluate(events: readonly Event[]): Detection[] {
    const started = this.#options.clock.monotonic()
    const detections: Detection[] = []
    if (this.#indicators.size > 0) {
      const now = this.#options.clock.now()
      for (const event of events) this.#judge(event, now, detections)
    }
    this.#events += events.length
    this.#detections += detections.length
    this.#busyMs += this.#options.clock.monotonic() - started
    return detections
  }

  /** Which indicators were seen since the last call, and how often. */
  takeSightings(): Seen[] {
    const taken = [...this.#sightings.values()]
    this.#sightings = new Map()
    return taken
  }

  /** Which allow entries kept something silent since the last call. */
  takeHits(): Seen[] {
    const taken = [...this.#hits.values()]
    this.#hits = new Map()
    return taken
  }

  /**
   * Indicators that name something in a foreign record, or in an Event that is read as one: those that an allow entry
   * holds for are left out.
   *
   * @param happened when it happened, milliseconds since the epoch
   * @param tell called with the number of each indicator, once
   */
  search(subject: ForeignRecord | Event, happened: number, tell: (number: number) => void): void {
    if (this.#indicators.size === 0) return
    const now = this.#options.clock.now()
    const visitAll = isEvent(subject)
      ? (visit: Visit) => visitEvent(subject, visit)
      : (visit: Visit) => visitRecordObservables(subject, visit)
    const told = new Set<number>()
    for (const one of this.#look(visitAll, happened, now)) {
      if (this.#isAllowed(one, happened, now)) continue
      for (const at of one.entries) {
        const { number } = this.#indicators.entry(at)
        if (!told.has(number)) tell(number)
        told.add(number)
      }
    }
  }

  /** Things that indicators name, each with the indicators and the first places where it stands. */
  #look(visitAll: (visit: Visit) => void, happened: number, now: number, eventId = ''): Iterable<Found> {
    let found: Map<string, Found> | undefined
    const entries = this.#entries
    visitAll((kind, value, field, text, start, length) => {
      entries.length = 0
      this.#indicators.find(kind, value, happened, now, entries)
      if (entries.length === 0) return
      found ??= new Map()
      const key = `${kind} ${value}`
      const known = found.get(key)
      if (known && known.matches.length >= MOST_MATCHES) return
      const match = toMatch(eventId, field, text, start, length)
      if (known) known.matches.push(match)
      else found.set(key, { kind, value, entries: [...entries], matches: [match] })
    })
    return found?.values() ?? NOTHING
  }

  #judge(event: Event, now: number, detections: Detection[]): void {
    let told = 0
    for (const one of this.#look((visit) => visitEvent(event, visit), event.time, now, event.id)) {
      if (this.#isAllowed(one, event.time, now)) continue
      for (const at of one.entries) count(this.#sightings, this.#indicators.entry(at).number, event.time)
      if (told < MOST_DETECTIONS) detections.push(this.#detection(event, one))
      told += 1
    }
  }

  /** Also counts the hit. A URL is allowed by its host too. */
  #isAllowed({ kind, value }: Found, happened: number, now: number): boolean {
    if (this.#allowed.size === 0) return false
    const holding: number[] = []
    // An entry that has ended holds no more, also for events of before: whoever let it end wants to be told.
    this.#allowed.find(kind, value, Math.max(happened, now), now, holding)
    if (kind === 'url') {
      const host = URL.parse(value)?.hostname.replace(/^\[|\]$/g, '') ?? ''
      this.#allowed.find('domain', host, Math.max(happened, now), now, holding)
      this.#allowed.find('address', host, Math.max(happened, now), now, holding)
    }
    for (const at of holding) count(this.#hits, this.#allowed.entry(at).number, happened)
    if (holding.length > 0) this.#silenced += 1
    return holding.length > 0
  }

  #detection(event: Event, { kind, value, entries, matches }: Found): Detection {
    const named = entries
      .map((at) => {
        const entry = this.#indicators.entry(at)
        return { ...entry, ...(this.#origins[entry.origin] as Origin) }
      })
      .sort(
        (a, b) =>
          compareSeverity(b.severity, a.severity) || b.confidence - a.confidence || a.number - b.number,
      )
    const [first] = named
    if (first === undefined) throw new TypeError('a detection without an indicator')
    const sources = [...new Set(named.map(({ source }) => source))]
    const process = processOf(event)
    return {
      id: createHash('sha256')
        .update(`indicator ${kind} ${value}\n${event.id}`)
        .digest('hex')
        .slice(0, 32) as AlertId,
      rule: ruleOfIndicator(first, sources, this.#techniquesOf(named)),
      time: event.time,
      device: event.device,
      ...(process ? { process } : {}),
      title: titleOf(event, kind, value, sources),
      events: [event],
      eventCount: 1,
      matches,
      aggregate: {
        indicator: String(first.number),
        source: shorten(sources.join(', '), 400),
        confidence: first.confidence,
        tlp: first.tlp,
        age_days: Math.max(0, Math.floor((event.time - first.validFrom) / 86_400_000)),
        ...(first.tags.length > 0 ? { tags: shorten(first.tags.join(', '), 400) } : {}),
      },
      entity: `${kind}:${shorten(value, 512)}`,
    }
  }

  #techniquesOf(named: readonly { readonly techniques: readonly string[] }[]): Technique[] {
    const ids = new Set(named.flatMap(({ techniques }) => techniques))
    return techniquesNamed([...ids].slice(0, 32), this.#options.techniques)
  }

  #originOf({ source, confidence, severity, tlp, tags, techniques }: MatchedIndicator): number {
    // Names have no control characters, so this separates them.
    const key = `${confidence} ${severity} ${tlp} ${source}\n${tags.join('\t')}\n${techniques.join('\t')}`
    const known = this.#originNumbers.get(key)
    if (known !== undefined) return known
    this.#origins.push({ source, confidence, severity, tlp, tags, techniques })
    this.#originNumbers.set(key, this.#origins.length - 1)
    return this.#origins.length - 1
  }
}

const NAMES: Readonly<Record<IndicatorType, string>> = {
  sha256: 'file',
  sha1: 'file',
  md5: 'file',
  ipv4: 'address',
  ipv6: 'address',
  cidr: 'range of addresses',
  domain: 'domain',
  domain_suffix: 'domain',
  registered_domain: 'domain',
  url: 'URL',
  path: 'path',
  process_name: 'name of a program',
}

/** Techniques by their ids; one that the catalogue does not know stands there by its id alone. */
export function techniquesNamed(
  ids: readonly string[],
  catalogue: TechniqueCatalogue | undefined,
): Technique[] {
  return ids.map((id) => {
    const known = catalogue?.get(id)
    return known ? { id, name: known.name, tactics: known.tactics } : { id, name: id, tactics: [] }
  })
}

/**
 * What an alert about an indicator says in the place of its rule.
 *
 * @param sources of all indicators that name the same thing, the surest first
 */
export function ruleOfIndicator(
  indicator: Pick<MatchedIndicator, 'number' | 'type' | 'severity' | 'confidence' | 'tlp'>,
  sources: readonly string[],
  techniques: readonly Technique[],
): RuleInfo {
  const { number, type, severity, confidence } = indicator
  return {
    id: `indicator-${type.replaceAll('_', '-')}` as RuleId,
    title: `Known ${NAMES[type]}`,
    type: 'indicator',
    severity,
    explanation: explanation(type, sources, indicator),
    techniques,
    falsePositives: [
      'An address or name that honest owners got after the attackers: see how old the indicator is',
      'A service that both use, such as a file host: put it on the allow list, with the reason',
    ],
    riskPoints: Math.ceil((POINTS[severity] * confidence) / 100),
    file: `indicator ${number}`,
  }
}

/** An Event, and the foreign record that it carries. */
function visitEvent(event: Event, visit: Visit): void {
  visitObservables(event, visit)
  if (event.kind !== 'log' || event.unmapped === undefined) return
  visitRecordObservables(event.unmapped, (kind, value, field, text, start, length) =>
    visit(kind, value, `unmapped.${field}`, text, start, length),
  )
}

function isEvent(subject: ForeignRecord | Event): subject is Event {
  return typeof subject['kind'] === 'string' && typeof subject['class_uid'] === 'number'
}

function explanation(
  type: IndicatorType,
  sources: readonly string[],
  { confidence, tlp }: Pick<Origin, 'confidence' | 'tlp'>,
): string {
  return `${shorten(sources.join(', '), 200)} ${sources.length > 1 ? 'list' : 'lists'} this ${NAMES[type]} as one that attackers use, with a confidence of ${confidence} of 100 (TLP:${tlp.toUpperCase()}). Look at the process that had to do with it and at what else it did; where the source is mistaken, add an allow entry with the reason.`
}

function titleOf(event: Event, kind: ObservableKind, value: string, sources: readonly string[]): string {
  const who = processOf(event)?.name
  const what = shorten(value, 160)
  const listed = `which ${shorten(sources.join(', '), 100)} ${sources.length > 1 ? 'list' : 'lists'}`
  if (event.kind === 'network' && kind === 'address') {
    const verb = event.direction === 'inbound' ? 'was reached from' : 'connected to'
    return `${shorten(who ?? 'A process', 100)} ${verb} ${what}, ${listed}`
  }
  const name = {
    hash: 'a file',
    address: 'address',
    domain: 'domain',
    url: 'URL',
    path: 'path',
    process_name: 'program',
  }[kind]
  return `${shorten(who ?? event.device.hostname, 100)}: ${name} ${what}, ${listed}`
}

/** Made visible and cut: names come from an enemy or from a feed. */
function shorten(text: string, length: number): string {
  return visible(text.length <= length ? text : `${text.slice(0, length - 1)}…`)
}

function toMatch(id: string, field: string, text: string, start: number, length: number): Match {
  const event = id as EventId
  if (start === 0 && length === text.length) return { event, field, value: text.slice(0, LONGEST_VALUE) }
  // A part that stands beyond the cut is shown with what is around it.
  const from = start + length <= LONGEST_VALUE ? 0 : Math.max(0, start - 256)
  return {
    event,
    field,
    value: text.slice(from, from + LONGEST_VALUE),
    start: start - from,
    length,
  }
}

function count(seen: Map<number, Seen>, number: number, time: number): void {
  const known = seen.get(number)
  seen.set(
    number,
    known
      ? {
          number,
          count: known.count + 1,
          first: Math.min(known.first, time),
          last: Math.max(known.last, time),
        }
      : { number, count: 1, first: time, last: time },
  )
}
