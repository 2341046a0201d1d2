import type { ProcessInfo } from '@vedette/linux'
import type { ExecRecord, ProcessIdentity } from '@vedette/model'
import { execRecord } from '../../kernel/exec-record.ts'
import type { AuditedCall } from './assembler.ts'

const UNSET = 4_294_967_295
const MAX_ARGUMENTS = 256
const MAX_ARGV_BYTES = 16_384

/** Which program a call to execve(2) started. */
export function auditedExecutable(call: AuditedCall): string {
  const path = (call.syscall.get('exe') ?? '').replace(/ \(deleted\)$/, '')
  return path.startsWith('/memfd:') ? path.slice(1) : path
}

/**
 * The record of a program that was started. What the audit system does not tell (its streams, namespaces, file) is taken
 * from /proc where the process still runs that program: `info`.
 */
export function auditedExec(
  call: AuditedCall,
  process: ProcessIdentity,
  parent: ProcessIdentity,
  info: ProcessInfo | undefined,
): ExecRecord {
  const { timeMs, syscall, cwd } = call
  const number = (key: string) => Number(syscall.get(key) ?? 0)
  const [uid, gid, euid, loginUid, session] = [
    number('uid'),
    number('gid'),
    number('euid'),
    number('auid'),
    number('ses'),
  ]
  const tty = terminal(syscall.get('tty'))
  return {
    ...(info === undefined ? undefined : execRecord(info, { source: 'audit', timeMs, parent })),
    type: 'exec',
    source: 'audit',
    timeMs,
    process,
    parent,
    executable: auditedExecutable(call),
    ...argumentsOf(call),
    uid,
    gid,
    taskName: syscall.get('comm') ?? '',
    ...(euid === uid ? undefined : { euid }),
    ...(loginUid === UNSET ? undefined : { loginUid }),
    ...(session === UNSET ? undefined : { sessionId: session }),
    ...(cwd === undefined ? undefined : { workingDirectory: cwd }),
    ...(tty === undefined ? undefined : { tty }),
  }
}

/** `pts0` is `pts/0`; `(none)` none. */
function terminal(tty: string | undefined): string | undefined {
  return tty === undefined || tty === '(none)' ? undefined : tty.replace(/^pts(\d+)$/, 'pts/$1')
}

const ARGUMENT = /^a(\d{1,7})(?:\[\d{1,7}\])?$/

/** `a0`, and of a long one `a1[0]`, `a1[1]` and so on, in the order in which the kernel wrote them. */
function argumentsOf({ execve }: AuditedCall): Pick<ExecRecord, 'argv' | 'argvTruncated'> {
  const argv: string[] = []
  let bytes = 0
  let argvTruncated = false
  const count = Number(execve[0]?.get('argc') ?? 0)
  for (const pairs of execve) {
    for (const [key, text] of pairs) {
      const index = Number(ARGUMENT.exec(key)?.[1] ?? -1)
      if (index < 0) continue
      bytes += text.length
      if (index >= MAX_ARGUMENTS || bytes > MAX_ARGV_BYTES || index > argv.length) argvTruncated = true
      else argv[index] = (argv[index] ?? '') + text
    }
  }
  return { argv, argvTruncated: argvTruncated || argv.length < count || count === 0 }
}
