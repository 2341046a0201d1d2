import { areLines } from '../lines/head-lines.ts'
import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { type AuditEvent, AUDITD, readAuditRecord } from './record.ts'

/** Events that are remembered: auditd writes the records of one event together, but for few in between. */
const EVENTS_KEPT = 64
const LINE = /^(?:node=\S+ )?type=\S+ msg=audit\(\d+\.\d+:\d+\):/

/**
 * Logs of auditd. Each line is a record of its own, because SigmaHQ's rules name one `type` and its keys; what an EXECVE or
 * PATH record needs of its event is added to it (see `readAuditRecord`), which is why a file is not cut.
 */
export const auditdFormat: RecordFormat = {
  name: 'auditd',
  cut: 'whole',
  // ausearch writes lines of its own between events.
  recognises: (head) => areLines(head, (line) => LINE.test(line), 0.25),
  open() {
    const events = new Map<string, AuditEvent>()
    return new LineReader((line, number, batch) => {
      const found = readAuditRecord(line, (id) => events.get(id))
      if (found === undefined) return line.trim() === '' || /^-+$/.test(line) ? undefined : 'no-audit-record'
      const { id, record } = found
      if (record['type'] === 'SYSCALL') keep(events, id, { syscall: record })
      else if (record['type'] === 'CWD' && record['cwd'] !== undefined)
        keep(events, id, { cwd: record['cwd'] })
      batch.add(record, number, AUDITD)
      return undefined
    })
  },
}

function keep(events: Map<string, AuditEvent>, id: string, part: AuditEvent): void {
  events.set(id, { ...events.get(id), ...part })
  if (events.size <= EVENTS_KEPT) return
  const [oldest] = events.keys()
  if (oldest !== undefined) events.delete(oldest)
}
