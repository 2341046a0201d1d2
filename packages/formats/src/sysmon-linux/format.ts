import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { syslogLine } from '../syslog/line.ts'

/** Sysmon for Linux, as its events stand in syslog, or each alone on a line. */
export const sysmonLinuxFormat: RecordFormat = {
  name: 'sysmon-linux',
  cut: 'lines',
  recognises: (head) =>
    /^(?:.{0,256}sysmon(?:\[\d+\])?: )?<Event><System><Provider Name="Linux-Sysmon"/m.test(
      Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1'),
    ),
  open: (options) => new LineReader(syslogLine(options)),
}
