import type { ReaderOptions } from '../record-format.ts'
import { parseSyslog } from './parse.ts'
import { isoText } from './record.ts'

/** What a syslog header before a record of another format says: `time`, `hostname`, `program`, where it is one. */
export function syslogHeader(text: string, { readAtMs }: ReaderOptions): Record<string, string> {
  if (text.trim() === '') return {}
  // The parser wants a message.
  const parsed = parseSyslog(`${text.trimEnd()} -`, { readAtMs, zone: 'utc' })
  if (!parsed.ok) return {}
  const { timeMs, host, program } = parsed.value
  const time = timeMs === undefined ? undefined : isoText(timeMs)
  return {
    ...(time !== undefined && { time }),
    ...(host !== undefined && { hostname: host }),
    ...(program !== undefined && { program }),
  }
}
