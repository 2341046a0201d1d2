import { accessLogFormat } from './access-log/format.ts'
import { auditdFormat } from './auditd/format.ts'
import { cefFormat } from './cef/format.ts'
import { containerLogFormat } from './container-log/format.ts'
import { csvFormat } from './csv/format.ts'
import { errorLogFormat } from './error-log/format.ts'
import { evtxFormat } from './evtx/format.ts'
import { journalFormat } from './journal/format.ts'
import { journalExportFormat } from './journal-export/format.ts'
import { jsonArrayFormat } from './json-array/format.ts'
import { leefFormat } from './leef/format.ts'
import { linesFormat } from './lines/format.ts'
import { ndjsonFormat } from './ndjson/format.ts'
import { pcapFormat } from './pcap/format.ts'
import type { RecordFormat } from './record-format.ts'
import { syslogFormat } from './syslog/format.ts'
import { sysmonLinuxFormat } from './sysmon-linux/format.ts'
import { utmpFormat } from './utmp/format.ts'
import { w3cFormat } from './w3c/format.ts'
import { zeekFormat } from './zeek/format.ts'

/** Every format, the most specific first. */
export const recordFormats: readonly RecordFormat[] = [
  evtxFormat,
  pcapFormat,
  journalFormat,
  journalExportFormat,
  utmpFormat,
  containerLogFormat,
  ndjsonFormat,
  jsonArrayFormat,
  zeekFormat,
  w3cFormat,
  sysmonLinuxFormat,
  auditdFormat,
  cefFormat,
  leefFormat,
  accessLogFormat,
  errorLogFormat,
  syslogFormat,
  csvFormat,
  linesFormat,
]

/**
 * The format of a file, by its first bytes (up to 64 KiB, decompressed) and its name without folders. What nothing else
 * recognises is read as plain lines.
 */
export function recogniseFormat(head: Uint8Array, fileName: string): RecordFormat {
  return recordFormats.find((format) => format.recognises(head, fileName)) ?? linesFormat
}
