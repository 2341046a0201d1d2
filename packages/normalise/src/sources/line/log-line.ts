import {
  ACCESS,
  AUDITD,
  containerOfPath,
  parseContainerLine,
  parseSyslog,
  readAccessLine,
  readAuditRecord,
  readErrorLine,
} from '@vedette/formats/logs'
import type { Container, JournalRecord, KernelLogRecord, LineRecord, LogSource } from '@vedette/model'

/** A line of a log, whatever it was written by, before anybody asks what it says. */
export interface LogLine {
  /** Its collector, as Events name it. */
  readonly provider: 'file' | 'journal' | 'kmsg'
  /** When it was read. */
  readonly readMs: number
  /** The line's own time, where it has one. */
  readonly timeMs?: number
  readonly path: string
  /** The whole line; the message alone where there is no more to it. */
  readonly raw: string
  readonly message: string
  readonly host?: string
  readonly program?: string
  readonly pid?: number
  readonly container?: Container
  /** Its parts, where it is of a known form. */
  readonly record?: Readonly<Record<string, unknown>>
  readonly recordSource?: LogSource
}

/** Reads a line's header, or its parts: syslog, the log of a container, of a web server, or of the audit system. */
export function readLine({ timeMs, path, text }: LineRecord): LogLine {
  const line = { provider: 'file', readMs: timeMs, path, raw: text, message: text } as const
  const container = containerOfPath(path)
  if (container !== undefined || text.startsWith('{"log":')) {
    const written = parseContainerLine(text)
    if (written !== undefined) {
      const { message, stream, isPartial } = written
      return {
        ...line,
        record: { stream, ...(isPartial && { is_partial: true }) },
        ...partsOf(message),
        message,
        timeMs: written.timeMs,
        ...(container !== undefined && { container }),
      }
    }
  }
  const parsed = parseSyslog(text, { readAtMs: timeMs })
  if (!parsed.ok) return { ...line, ...partsOf(text) }
  const { message, timeMs: ownMs, host, program, pid } = parsed.value
  return {
    ...line,
    message,
    ...(ownMs !== undefined && { timeMs: ownMs }),
    ...(host !== undefined && { host }),
    ...(program !== undefined && { program }),
    ...(pid !== undefined && { pid }),
  }
}

type Parts = Pick<LogLine, 'timeMs' | 'program' | 'record' | 'recordSource'>

/** Of a line without a header of syslog. */
function partsOf(text: string): Parts {
  if (text.startsWith('type=') || text.startsWith('node=')) {
    const audit = readAuditRecord(text)
    if (audit !== undefined)
      return {
        ...timeOf(audit.record['time']),
        program: 'auditd',
        record: audit.record,
        recordSource: AUDITD,
      }
  }
  if (text.includes('] "')) {
    const access = readAccessLine(text)
    if (access !== undefined)
      return { ...timeOf(access['timestamp']), program: 'access', record: access, recordSource: ACCESS }
  }
  const error = readErrorLine(text)
  if (error === undefined) return {}
  const { record, source } = error
  return { ...timeOf(record['timestamp']), program: source.service ?? 'error', record, recordSource: source }
}

function timeOf(text: string | undefined): { readonly timeMs?: number } {
  const timeMs = Date.parse(text ?? '')
  return Number.isFinite(timeMs) ? { timeMs } : {}
}

/** An entry of the journal as the line of syslog that it would be. */
export function readJournalEntry({ timeMs, path, fields }: JournalRecord): LogLine {
  const message = fields['MESSAGE'] ?? ''
  const program = fields['SYSLOG_IDENTIFIER'] ?? fields['_COMM']
  const pid = Number(fields['SYSLOG_PID'] ?? fields['_PID'])
  const host = fields['_HOSTNAME']
  return {
    provider: 'journal',
    readMs: timeMs,
    timeMs,
    path,
    raw: message,
    message,
    ...(host !== undefined && { host }),
    // Only the kernel itself writes with this transport: whoever calls itself `kernel` is not it.
    ...(program !== undefined && {
      program: program === 'kernel' && fields['_TRANSPORT'] !== 'kernel' ? 'not-kernel' : program,
    }),
    ...(Number.isSafeInteger(pid) && { pid }),
    ...containerOf(fields),
  }
}

/** The name that a program gives itself at the start of what it writes. */
const TAG = /^([\w./@-]{1,64})(?:\[(\d{1,10})\])?: /

/** A message of the kernel's log: of the kernel itself, or of a program that wrote it there. */
export function readKernelMessage(message: KernelLogRecord): LogLine {
  const { timeMs, text, keys, priority, facility, sequence } = message
  const line = {
    provider: 'kmsg',
    readMs: timeMs,
    timeMs,
    path: '/dev/kmsg',
    raw: text,
    message: text,
    record: { ...keys, priority, facility, sequence },
    recordSource: { product: 'linux', service: 'syslog' },
  } as const
  if (facility === 0) return { ...line, program: 'kernel' }
  const [tag, name, pid] = TAG.exec(text) ?? []
  if (tag === undefined || name === undefined) return { ...line, program: 'kmsg' }
  return {
    ...line,
    message: text.slice(tag.length),
    // Whoever calls itself `kernel` is not it.
    program: name === 'kernel' ? 'not-kernel' : name,
    ...(pid !== undefined && { pid: Number(pid) }),
  }
}

function containerOf(fields: JournalRecord['fields']): { readonly container?: Container } {
  const uid = fields['CONTAINER_ID_FULL'] ?? fields['CONTAINER_ID']
  return uid === undefined ? {} : { container: { uid, runtime: 'docker' } }
}
