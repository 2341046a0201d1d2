import { createHash } from 'node:crypto'
import { type Detection, type Event, processOf, type Severity } from '@vedette/model'

/** What a threat is about. */
export type ThreatArea = 'process' | 'network' | 'login' | 'file' | 'resource'

/** Something on this machine that a person should look at. Plain data. */
export interface Threat {
  /** 16 hex digits. The same finding has the same id in every scan. */
  readonly id: string
  readonly area: ThreatArea
  readonly severity: Severity
  /** A sentence about what was found, with the names in it. They may be an attacker's words. */
  readonly title: string
  /** Plain words: what this is, why it matters, when it is harmless. */
  readonly explanation: string
  /** What said so: a rule's id, or `high-resource-usage`. */
  readonly rule: string
  /** ATT&CK. */
  readonly techniques: readonly string[]
  /** What it is about: `program:/tmp/x`, `address:203.0.113.7`, `account:root`, `file:/tmp/x`. */
  readonly entity: string
  /** When it happened, or was seen, milliseconds since the epoch. */
  readonly time: number
  readonly process?: {
    readonly pid: number
    readonly name: string
    readonly path?: string
    readonly cmd_line?: string
    readonly user?: string
  }
  readonly file?: {
    readonly path: string
    /** SHA-256. */
    readonly sha256: string
    /** The YARA rule's name in its file. */
    readonly rule: string
  }
  /** What shows it: events, oldest first, at most five. */
  readonly evidence: readonly Event[]
}

const MOST_EVIDENCE = 5

/** What a rule found. */
export function threatOf({
  rule,
  title,
  entity,
  time,
  events,
}: Pick<Detection, 'rule' | 'title' | 'entity' | 'time' | 'events'>): Threat {
  const event = events.at(-1)
  const process = event === undefined ? undefined : processOf(event)
  // One program that runs twice is two things to look at.
  const what = process === undefined || event?.kind !== 'process' ? entity : `${entity} ${process.uid}`
  return {
    id: threatId(rule.id, what),
    area: areaOf(event),
    severity: rule.severity,
    title,
    explanation: rule.explanation,
    rule: rule.id,
    techniques: rule.techniques.map(({ id }) => id),
    entity,
    time,
    ...(process !== undefined && { process: summaryOf(process) }),
    evidence: events.slice(-MOST_EVIDENCE),
  }
}

export function threatId(rule: string, what: string): string {
  return createHash('sha256').update(`${rule}\0${what}`).digest('hex').slice(0, 16)
}

function summaryOf({
  pid,
  name,
  path,
  cmd_line,
  user,
}: NonNullable<ReturnType<typeof processOf>>): NonNullable<Threat['process']> {
  const account = user?.name ?? user?.uid
  return {
    pid,
    name,
    ...(path !== undefined && { path }),
    ...(cmd_line !== undefined && { cmd_line }),
    ...(account !== undefined && { user: account }),
  }
}

function areaOf(event: Event | undefined): ThreatArea {
  switch (event?.kind) {
    case 'network':
    case 'protocol':
      return 'network'
    case 'authentication':
    case 'account':
    case 'log':
      return 'login'
    case 'file':
    case 'finding':
      return 'file'
    default:
      return 'process'
  }
}
