import { createHash } from 'node:crypto'
import { visible } from '@vedette/base'
import {
  type AlertId,
  type Detection,
  type Event,
  type FindingEvent,
  type Match,
  type RuleInfo,
  type Technique,
} from '@vedette/model'
import { yaraRuleInfo } from './rule-info.ts'

/** Matches of a finding that an alert shows. */
const MOST_MATCHES = 20
const LONGEST_PATH = 300

export interface FindingOptions {
  /** Looks up a technique of ATT&CK; undefined for an unknown id. */
  readonly technique: (id: string) => Technique | undefined
  /** Ids of rules whose findings raise no alert. */
  readonly disabled?: ReadonlySet<string>
  /** Whether a rule's severity is one that is asked for. Default: all are. */
  readonly wanted?: (rule: RuleInfo) => boolean
}

/**
 * What YARA rules say of the findings among some events: one detection each, told by the rule's own metadata. A finding
 * comes from the host that scanned, so there is nothing left to decide but whether its rule is wanted.
 */
export function detectionsOfFindings(events: readonly Event[], options: FindingOptions): Detection[] {
  const detections: Detection[] = []
  for (const event of events) {
    if (event.kind !== 'finding') continue
    const rule = ruleOf(event, options.technique)
    if (options.disabled?.has(rule.id) === true || options.wanted?.(rule) === false) continue
    detections.push(detectionOf(event, rule))
  }
  return detections
}

function ruleOf(
  { finding_info: found, meta }: FindingEvent,
  technique: FindingOptions['technique'],
): RuleInfo {
  const { name, file } = found.analytic
  return yaraRuleInfo({ name, file, tags: found.tags, meta }, technique)
}

function detectionOf(event: FindingEvent, rule: RuleInfo): Detection {
  const { file, process, cause, device } = event
  const where = visible(file.path.slice(0, LONGEST_PATH))
  const who = process === undefined ? '' : visible(process.name.slice(0, 64))
  const deed = cause === 'exec' ? `${where} runs` : who === '' ? where : `${where}, written by ${who}`
  return {
    id: createHash('sha256').update(`${rule.id}\n${event.id}`).digest('hex').slice(0, 32) as AlertId,
    rule,
    time: event.time,
    device,
    ...(process === undefined ? {} : { process }),
    title: `${rule.title}: ${deed} on ${device.hostname}`,
    events: [event],
    eventCount: 1,
    matches: matchesOf(event),
    entity: `file:${file.path}`,
  }
}

function matchesOf({ id, file, matches }: FindingEvent): Match[] {
  const found = matches.slice(0, MOST_MATCHES).map(({ data }, index) => ({
    event: id,
    field: `matches.${index}.data`,
    value: data,
  }))
  const hash = file.hashes?.[0]?.value
  return [
    { event: id, field: 'file.path', value: file.path },
    ...found.filter(({ value }) => value !== ''),
    ...(hash === undefined ? [] : [{ event: id, field: 'file.hashes.0.value', value: hash }]),
  ]
}
