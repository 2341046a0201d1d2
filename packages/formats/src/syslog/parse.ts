import { type Outcome, rejected } from '../outcome.ts'
import { MAX_SYSLOG_LINE, type SyslogMessage, type SyslogOptions } from './message.ts'
import { parseRfc5424 } from './rfc5424.ts'
import { isoTime, traditionalTime } from './time.ts'

const PRIORITY = /<(\d{1,3})>/y
/**
 * Tag and pid before the colon: `sshd[123]:`, `sudo:`, `sshd(pam_unix)[19939]:`. RFC 3164 allows letters and digits
 * only; programs do not keep to it.
 */
const TAG = /([^\s:[\]]{1,128})(?:\[(\d{1,9})\])?:(?: |$)/y
const HOST = /[^\s]{1,255}/y

/**
 * Parses one line of a syslog file: the traditional format (RFC 3164, section 4.1), the one with an ISO time that
 * rsyslog writes by default today, or RFC 5424; with or without a `<PRI>` before it. Takes time in proportion to the
 * length of the line.
 */
export function parseSyslog(line: string, options: SyslogOptions): Outcome<SyslogMessage> {
  // Files from elsewhere end their lines as Windows does.
  const text = line.endsWith('\r') ? line.slice(0, -1) : line
  if (text.length > MAX_SYSLOG_LINE) return rejected('too-long', MAX_SYSLOG_LINE)
  let at = 0
  let priority: number | undefined
  if (text.startsWith('<')) {
    PRIORITY.lastIndex = 0
    const match = PRIORITY.exec(text)
    priority = match === null ? undefined : Number(match[1])
    // 23 facilities and 7 severities; RFC 5424, section 6.2.1.
    if (priority === undefined || priority > 191) return rejected('bad-priority', 0)
    at = PRIORITY.lastIndex
    if (text.startsWith('1 ', at)) return parseRfc5424(text, at + 2, priority, options)
  }
  const format = isDigit(text.charCodeAt(at)) ? 'iso' : 'rfc3164'
  const time = format === 'iso' ? isoTime(text, at, options) : traditionalTime(text, at, options)
  if (time === undefined || text[time.end] !== ' ') return rejected('bad-timestamp', at)
  at = time.end + 1
  HOST.lastIndex = at
  const host = HOST.exec(text)?.[0]
  if (host === undefined) return rejected('missing-host', at)
  at += host.length
  if (at < text.length && text[at] !== ' ') return rejected('missing-host', at)
  at += 1
  TAG.lastIndex = at
  const tag = TAG.exec(text)
  if (tag !== null) at = TAG.lastIndex
  return {
    ok: true,
    value: {
      format,
      timeMs: time.timeMs,
      host,
      ...(tag?.[1] !== undefined && { program: tag[1] }),
      ...(tag?.[2] !== undefined && { pid: Number(tag[2]) }),
      message: text.slice(at),
      ...(priority !== undefined && { priority }),
    },
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
