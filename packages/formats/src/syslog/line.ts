import type { LogSource } from '@vedette/model'
import { AUDITD, readAuditRecord } from '../auditd/record.ts'
import type { LineParser } from '../lines/line-reader.ts'
import type { ReaderOptions } from '../record-format.ts'
import { readSysmonEvent } from '../sysmon-linux/event.ts'
import { parseSyslog } from './parse.ts'
import { addSyslogRecord } from './record.ts'

const CONTINUED: LogSource = { product: 'linux' }

/**
 * Reads lines of syslog as records. A line that is none, as of a message with line feeds in it, is a record with only a
 * `message`; an event of Sysmon or a record of the audit system that stands alone is read too.
 */
export function syslogLine({ readAtMs }: ReaderOptions): LineParser {
  return (line, number, batch) => {
    const parsed = parseSyslog(line, { readAtMs, zone: 'utc' })
    if (parsed.ok) {
      addSyslogRecord(parsed.value, number, batch)
      return undefined
    }
    if (parsed.reason === 'too-long') return 'line-too-long'
    const event = line.startsWith('<Event>') ? readSysmonEvent(line) : undefined
    if (event !== undefined) {
      batch.add(event.record, number, event.source)
      return undefined
    }
    const audit = line.startsWith('type=') ? readAuditRecord(line) : undefined
    if (audit === undefined) batch.add({ message: line }, number, CONTINUED)
    else batch.add(audit.record, number, AUDITD)
    return undefined
  }
}
