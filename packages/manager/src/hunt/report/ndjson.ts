import type { RuleInfo } from '@vedette/model'
import type { HuntSummary } from '../hunt.ts'
import type { HuntMatch } from '../match.ts'
import type { ReportWriter } from './report-writer.ts'

/**
 * One JSON object a line for each match, `ruleId title level techniques time file record event`, and at last one with what
 * was done in all: `{"summary": {"events", "matches", "seconds", "rules", "unreadable"}}`.
 */
export function ndjsonReport(): ReportWriter {
  // What a rule says of itself is written once, and not for every match.
  const heads = new Map<RuleInfo, string>()
  const headOf = (rule: RuleInfo): string => {
    const known = heads.get(rule)
    if (known !== undefined) return known
    const head = JSON.stringify({
      ruleId: rule.id,
      title: rule.title,
      level: rule.severity,
      techniques: rule.techniques.map(({ id }) => id),
    }).slice(0, -1)
    heads.set(rule, head)
    return head
  }
  const lineOf = ({ rule, timeMs, file, record, event }: HuntMatch): string => {
    const time = timeMs === undefined ? 'null' : `"${new Date(timeMs).toISOString()}"`
    return `${headOf(rule)},"time":${time},"file":${JSON.stringify(file)},"record":${record},"event":${event}}\n`
  }
  return {
    matches: (matches) => matches.map(lineOf).join(''),
    *end({ summary }) {
      yield `${JSON.stringify({ summary: told(summary) })}\n`
    },
    [Symbol.dispose]: () => undefined,
  }
}

function told({ events, matches, seconds, rules, unreadable }: HuntSummary) {
  return { events, matches, seconds: Math.round(seconds * 1000) / 1000, rules, unreadable }
}
