import type { LogSource } from '@vedette/model'
import { parseAuditPairs } from './audit-pairs.ts'
import { syscallName } from './syscalls.ts'

export const AUDITD: LogSource = { product: 'linux', service: 'auditd' }

/** What other records of the same event say. */
export interface AuditEvent {
  readonly syscall?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export interface AuditRecord {
  /** `1364481363.243:24287`; all records of one event share it. */
  readonly id: string
  readonly record: Record<string, string>
}

const HEADER = /(?:^|\s)(?:msg=)?audit\((\d{1,15}\.\d{1,9}:\d{1,15})\):/
/** Types that the kernel's own log gives by number only (`linux/audit.h`). */
const TYPES: Readonly<Record<string, string>> = {
  1300: 'SYSCALL',
  1302: 'PATH',
  1306: 'SOCKADDR',
  1307: 'CWD',
  1309: 'EXECVE',
  1325: 'NETFILTER_CFG',
  1326: 'SECCOMP',
  1327: 'PROCTITLE',
  1400: 'AVC',
}

/**
 * Reads a record of the Linux audit system: its keys as they are, text in hex digits decoded. Besides:
 * - `SYSCALL` is the system call's name also where auditd did not enrich it, and `time` is ISO text.
 * - `EXECVE` has `CommandLine` (its arguments with spaces between), and of its event's SYSCALL record `Image`,
 *   `ProcessId`, `ParentProcessId`, `User`: rules about process creation hold for it. The kernel writes many or long
 *   arguments as several records: each has those that stand in it.
 * - `PATH` has a `name` that is relative joined with the event's working directory; `name_as_given` is what it was.
 *
 * `undefined` where the line is no such record.
 */
export function readAuditRecord(
  line: string,
  event?: (id: string) => AuditEvent | undefined,
): AuditRecord | undefined {
  const id = HEADER.exec(line)?.[1]
  if (id === undefined) return undefined
  const pairs = parseAuditPairs(line)
  const type = pairs.get('type')
  if (type === undefined) return undefined
  const record: Record<string, string> = Object.fromEntries(pairs)
  record['type'] = TYPES[type] ?? type
  const timeMs = Number(id.slice(0, id.indexOf(':'))) * 1000
  if (timeMs <= 8.64e15) record['time'] = new Date(timeMs).toISOString()
  const others = event?.(id)
  if (record['type'] === 'SYSCALL') {
    const name = syscallName(record['arch'], record['syscall'])
    if (name !== undefined) record['SYSCALL'] ??= name
  } else if (record['type'] === 'EXECVE') {
    addProcess(record, others?.syscall)
  } else if (record['type'] === 'PATH') {
    resolveName(record, others?.cwd)
  }
  return { id, record }
}

/** `a1`, or `a1[0]`, `a1[1]`, ..., into which the kernel cuts a long argument. */
const ARGUMENT = /^(a\d{1,7})(\[\d{1,7}\])?$/

function addProcess(record: Record<string, string>, syscall: AuditEvent['syscall']): void {
  const words = new Map<string, string>()
  for (const [key, text] of Object.entries(record)) {
    const [, name, part] = ARGUMENT.exec(key) ?? []
    if (name !== undefined) words.set(name, part === undefined ? text : (words.get(name) ?? '') + text)
  }
  for (const [name, word] of words) record[name] = word
  record['CommandLine'] = [...words.values()].join(' ')
  if (syscall === undefined) return
  const { exe, pid, ppid, UID: user } = syscall
  if (exe !== undefined) record['Image'] = exe
  if (pid !== undefined) record['ProcessId'] = pid
  if (ppid !== undefined) record['ParentProcessId'] = ppid
  if (user !== undefined) record['User'] = user
}

function resolveName(record: Record<string, string>, cwd: string | undefined): void {
  const { name } = record
  if (name === undefined || cwd === undefined || name === '' || name === '(null)' || name.startsWith('/'))
    return
  record['name_as_given'] = name
  record['name'] = `${cwd.replace(/\/$/, '')}/${name.replace(/^\.\//, '')}`
}
