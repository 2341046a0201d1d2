import { Batch } from '../lines/batch.ts'
import type { JsonKind, JsonObject, SourcedRecord } from '../ndjson/json-kind.ts'
import type { SyslogMessage } from './message.ts'
import { addSyslogRecord } from './record.ts'

/**
 * The systemd journal as `journalctl -o json` writes it ("Journal Export Formats", systemd.io): read as a line of syslog,
 * with the journal's own fields beside.
 */
export const journalKind: JsonKind = {
  key: '__REALTIME_TIMESTAMP',
  read(object) {
    const message = textOf(object['MESSAGE'])
    return message === undefined ? undefined : recordsOf(object, message)
  },
}

/** Adds an entry of the journal, its fields by name, as a record; one without a message has none. */
export function addJournalRecord(object: JsonObject, number: number, batch: Batch): void {
  for (const { record, source } of recordsOf(object, textOf(object['MESSAGE']) ?? '')) {
    batch.add(record, number, source)
  }
}

function recordsOf(object: JsonObject, message: string): readonly SourcedRecord[] {
  const batch = new Batch()
  addSyslogRecord(syslogOf(object, message), 0, batch)
  return batch.records.map((record, i) => ({
    record: { ...object, ...record },
    source: batch.sources[i] ?? {},
  }))
}

function syslogOf(object: JsonObject, message: string): SyslogMessage {
  const program = textOf(object['SYSLOG_IDENTIFIER']) ?? textOf(object['_COMM'])
  const host = textOf(object['_HOSTNAME'])
  const micros = Number(textOf(object['__REALTIME_TIMESTAMP']))
  const pid = Number(textOf(object['SYSLOG_PID']) ?? textOf(object['_PID']))
  return {
    format: 'iso',
    message,
    ...(program !== undefined && { program }),
    ...(host !== undefined && { host }),
    ...(Number.isFinite(micros) && { timeMs: micros / 1000 }),
    ...(Number.isSafeInteger(pid) && { pid }),
  }
}

/** A field: text; a list of bytes where it is no UTF-8; a list of texts where it is set more than once. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  if (value.every((byte) => typeof byte === 'number')) return Buffer.from(value).toString('utf8')
  return textOf(value[0])
}
