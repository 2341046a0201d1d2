import { visible } from '@vedette/base'
import type { RuleInfo, Severity } from '@vedette/model'
import type { HuntMatch } from '../match.ts'
import type { Unreadable } from '../targets.ts'
import { gistOf } from './gist.ts'
import type { ReportWriter } from './report-writer.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/** SARIF's own levels (section 3.27.10), and the score that viewers sort by. */
const LEVELS: Readonly<Record<Severity, readonly [level: string, score: string]>> = {
  informational: ['note', '1.0'],
  low: ['note', '3.0'],
  medium: ['warning', '5.5'],
  high: ['error', '8.0'],
  critical: ['error', '9.5'],
}

/**
 * A SARIF 2.1.0 log with one run, written as the matches come: the rules that matched stand behind the results, which refer
 * to them by their place.
 */
export function sarifReport(): ReportWriter {
  const places = new Map<RuleInfo, number>()
  let begun = false
  const head = () => {
    if (begun) return ''
    begun = true
    return `{"$schema":"${SCHEMA}","version":"2.1.0","runs":[{"results":[\n`
  }
  const result = (match: HuntMatch): string => {
    const first = places.size === 0
    const place = places.get(match.rule) ?? places.size
    places.set(match.rule, place)
    const text = JSON.stringify(resultOf(match, place))
    return first ? text : `,\n${text}`
  }
  return {
    matches: (matches) => head() + matches.map(result).join(''),
    *end({ summary, unreadable, nowMs, version }) {
      const driver = {
        name: 'Vedette',
        semanticVersion: version,
        rules: [...places.keys()].map(ruleOf),
      }
      const invocation = {
        executionSuccessful: !summary.aborted,
        endTimeUtc: new Date(nowMs).toISOString(),
        toolExecutionNotifications: unreadable.map(notificationOf),
      }
      const { events, matches, rules, files } = summary
      const rest = {
        tool: { driver },
        invocations: [invocation],
        columnKind: 'utf16CodeUnits',
        properties: { events, matches, rules, files, unreadable: summary.unreadable },
      }
      yield `${head()}\n],${JSON.stringify(rest).slice(1)}]}\n`
    },
    [Symbol.dispose]: () => undefined,
  }
}

function ruleOf({ id, title, explanation, severity, techniques, falsePositives }: RuleInfo) {
  const [level, score] = LEVELS[severity]
  return {
    id,
    name: title,
    shortDescription: { text: title },
    fullDescription: { text: explanation },
    defaultConfiguration: { level },
    ...(falsePositives.length === 0 ? {} : { help: { text: `Harmless when: ${falsePositives.join('; ')}` } }),
    properties: {
      'security-severity': score,
      severity,
      tags: ['security', ...techniques.map((technique) => technique.id)],
    },
  }
}

function resultOf({ rule, timeMs, host, file, record, event }: HuntMatch, ruleIndex: number) {
  const gist = visible(gistOf(event))
  return {
    ruleId: rule.id,
    ruleIndex,
    level: LEVELS[rule.severity][0],
    message: { text: gist === '' ? rule.title : `${rule.title}: ${gist}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          // Where records have numbers of their own there are no lines.
          ...(record >= 1 && !/\.evtx$/i.test(file) ? { region: { startLine: record } } : {}),
        },
        logicalLocations: [{ name: String(record), kind: 'record' }],
      },
    ],
    properties: {
      severity: rule.severity,
      record,
      time: timeMs === undefined ? null : new Date(timeMs).toISOString(),
      host,
      event: JSON.parse(event) as unknown,
    },
  }
}

function notificationOf({ file, offset, reason }: Unreadable) {
  const region = offset === undefined ? {} : { region: { byteOffset: offset, byteLength: 0 } }
  return {
    level: 'warning',
    descriptor: { id: reason },
    message: { text: `Cannot read ${visible(file)}: ${reason}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } }],
  }
}

/** A path as a URI reference (RFC 3986): absolute ones as `file:`. */
function uriOf(path: string): string {
  const encoded = path.toWellFormed().split('/').map(encodeURIComponent).join('/')
  if (path.startsWith('/')) return `file://${encoded}`
  // A first segment with a colon would be a scheme; `encodeURIComponent` has encoded it.
  return encoded
}
