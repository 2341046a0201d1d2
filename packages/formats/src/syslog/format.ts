import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { syslogLine } from './line.ts'
import { parseSyslog } from './parse.ts'

/** How many lines are looked at: half of them must be syslog. */
const LINES_TRIED = 16
/** Any day will do to see whether a time is one. */
const READ_AT_MS = Date.UTC(2026, 0, 1)

/** Lines of syslog: RFC 3164, with an ISO time as rsyslog writes it, or RFC 5424. */
export const syslogFormat: RecordFormat = {
  name: 'syslog',
  cut: 'lines',
  open: (options) => new LineReader(syslogLine(options)),
  recognises(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('utf8')
    const lines = text.split('\n', LINES_TRIED).filter((line) => line.trim() !== '')
    const read = lines.filter((line) => parseSyslog(line, { readAtMs: READ_AT_MS }).ok)
    return read.length > 0 && read.length * 2 >= lines.length
  },
}
