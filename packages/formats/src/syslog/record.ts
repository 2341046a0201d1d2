import { AUDITD, readAuditRecord } from '../auditd/record.ts'
import type { Batch } from '../lines/batch.ts'
import { readSysmonEvent } from '../sysmon-linux/event.ts'
import type { SyslogMessage } from './message.ts'
import { syslogSource } from './source.ts'

/** As auditd's plugin for syslog and the kernel write them. */
const AUDIT = /^(?:node=\S+ |audit: )?type=\S+ (?:msg=)?audit\(/

/**
 * Adds a message as a record: `message` without the header, which is what SigmaHQ's keywords search, and `time` (ISO),
 * `hostname`, `program`, `pid`, `facility`, `severity` where the line has them; parameters of structured data as
 * `id.name`. An event of
 * Sysmon for Linux and a record of the audit system are read out of their message.
 */
export function addSyslogRecord(message: SyslogMessage, number: number, batch: Batch): void {
  if (message.message.startsWith('<Event>')) {
    const event = readSysmonEvent(message.message)
    if (event !== undefined) {
      batch.add(event.record, number, event.source)
      return
    }
  }
  if (AUDIT.test(message.message)) {
    const audit = readAuditRecord(message.message)
    if (audit !== undefined) {
      batch.add(
        message.host === undefined ? audit.record : { hostname: message.host, ...audit.record },
        number,
        AUDITD,
      )
      return
    }
  }
  const record: Record<string, unknown> = { message: message.message }
  if (message.timeMs !== undefined) record['time'] = isoText(message.timeMs)
  if (message.host !== undefined) record['hostname'] = message.host
  if (message.program !== undefined) record['program'] = message.program
  if (message.pid !== undefined) record['pid'] = message.pid
  if (message.priority !== undefined) {
    record['facility'] = message.priority >> 3
    record['severity'] = message.priority & 7
  }
  if (message.messageId !== undefined) record['message_id'] = message.messageId
  for (const { id, parameters } of message.structuredData ?? []) {
    for (const [name, value] of parameters) record[`${id}.${name}`] = value
  }
  batch.add(record, number, syslogSource(message.program))
}

/** Milliseconds since the epoch as ISO text; `undefined` outside the years that a date can have. */
export function isoText(timeMs: number): string | undefined {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : undefined
}
