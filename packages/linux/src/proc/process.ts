import { readdirSync } from 'node:fs'
import { fileStatus } from '../file-status.ts'
import { readProcBytes, readProcLink, readProcText } from './read.ts'
import { type ProcessStat, readProcessStat } from './stat.ts'
import { type Descriptor, readDescriptor } from './stream.ts'

/** A process as /proc shows it. What the caller has no right to see is left out. */
export interface ProcessInfo extends ProcessStat {
  readonly uid: number
  readonly gid: number
  readonly euid: number
  readonly egid: number
  /**
   * The file that runs: an absolute path, or `memfd:name` for one that only memory holds. Left out for a kernel thread
   * and for a process that has ended.
   */
  readonly executable?: string
  /** No name in any folder leads to the executable any more, or it never had one. */
  readonly executableDeleted?: boolean
  /** Numbered as in `fs.Stats`. */
  readonly executableFile?: { readonly device: number; readonly inode: number; readonly links: number }
  /** Arguments, the program's name first; empty for a kernel thread. A process can rewrite its own. */
  readonly argv: readonly string[]
  /** Whether `argv` was cut at the limits. */
  readonly argvTruncated: boolean
  readonly workingDirectory?: string
  /** Who logged in (audit login uid); left out when nobody did. */
  readonly loginUid?: number
  /** Audit session; left out when there is none. */
  readonly auditSession?: number
  /** Path within the unified cgroup hierarchy; left out where there is none. */
  readonly cgroupPath?: string
  /** Inode numbers of the namespaces. */
  readonly pidNamespace?: number
  readonly mountNamespace?: number
  /** Standard input, output and error. */
  readonly descriptors?: readonly [Descriptor, Descriptor, Descriptor]
}

/** At most this much of the arguments is read. */
export const MAX_ARGV_BYTES = 16_384
/** At most this many arguments are read. */
export const MAX_ARGUMENTS = 256

const UNSET = 4_294_967_295

/** Pids of all processes that are there now, in rising order. */
export function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0)
    .sort((a, b) => a - b)
}

/**
 * Reads all that /proc tells about a process; undefined when there is no such process, or it began to end while it was
 * read. Its pid may be used again at any moment: the start time is compared at the end, so what is returned is of one
 * process only. Of one that was ending from the start (`exiting`) little is left. Takes about 0.15 ms.
 */
export function readProcess(pid: number): ProcessInfo | undefined {
  const stat = readProcessStat(pid)
  if (stat === undefined) return undefined
  const status = readProcText(`/proc/${pid}/status`, 8192)
  const uids = status === undefined ? undefined : identifiers(status, 'Uid')
  const gids = status === undefined ? undefined : identifiers(status, 'Gid')
  if (uids === undefined || gids === undefined) return undefined
  const info: ProcessInfo = {
    ...stat,
    ...readExecutable(pid),
    ...readArguments(pid),
    uid: uids[0],
    euid: uids[1],
    gid: gids[0],
    egid: gids[1],
    ...defined('workingDirectory', readProcLink(`/proc/${pid}/cwd`)),
    ...defined('loginUid', readIdentifier(`/proc/${pid}/loginuid`)),
    ...defined('auditSession', readIdentifier(`/proc/${pid}/sessionid`)),
    ...defined('cgroupPath', readCgroupPath(pid)),
    ...defined('pidNamespace', readNamespace(pid, 'pid')),
    ...defined('mountNamespace', readNamespace(pid, 'mnt')),
    ...defined('descriptors', readStandardDescriptors(pid)),
  }
  const after = readProcessStat(pid)
  if (after?.startTicks !== stat.startTicks) return undefined
  // It began to end in the middle: some of it was gone when it was read.
  if (after.exiting && !stat.exiting) return undefined
  return info
}

/**
 * The file that a process runs: its absolute path or `memfd:name`; undefined for a kernel thread, a zombie, and where
 * the caller may not look.
 */
export function readExecutable(
  pid: number,
): Pick<ProcessInfo, 'executable' | 'executableDeleted' | 'executableFile'> | undefined {
  const link = readProcLink(`/proc/${pid}/exe`)
  if (link === undefined) return undefined
  const status = fileStatus(`/proc/${pid}/exe`)
  return {
    ...executableOfLink(link, status),
    ...(status === undefined
      ? undefined
      : { executableFile: { device: status.device, inode: status.inode, links: status.links } }),
  }
}

const DELETED = ' (deleted)'

function executableOfLink(
  link: string,
  status: { readonly device: number; readonly inode: number } | undefined,
): { executable: string; executableDeleted: boolean } {
  if (link.startsWith('/memfd:')) {
    const name = link.endsWith(DELETED) ? link.slice(1, -DELETED.length) : link.slice(1)
    return { executable: name, executableDeleted: true }
  }
  if (!link.endsWith(DELETED)) return { executable: link, executableDeleted: false }
  // A file may really be called "x (deleted)".
  const same = fileStatus(link)
  if (same !== undefined && same.inode === status?.inode && same.device === status.device) {
    return { executable: link, executableDeleted: false }
  }
  return { executable: link.slice(0, -DELETED.length), executableDeleted: true }
}

/** The arguments of a process, cut at `MAX_ARGUMENTS` and `MAX_ARGV_BYTES`. */
export function readArguments(pid: number): Pick<ProcessInfo, 'argv' | 'argvTruncated'> {
  const bytes = readProcBytes(`/proc/${pid}/cmdline`, MAX_ARGV_BYTES + 1)
  if (bytes === undefined || bytes.length === 0) return { argv: [], argvTruncated: false }
  const cut = bytes.length > MAX_ARGV_BYTES
  const text = bytes.toString('utf8', 0, cut ? MAX_ARGV_BYTES : bytes.length)
  // Each argument ends with a zero byte; a process that rewrote its title may have left it out.
  const argv = (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')
  if (argv.length <= MAX_ARGUMENTS) return { argv, argvTruncated: cut }
  return { argv: argv.slice(0, MAX_ARGUMENTS), argvTruncated: true }
}

function readStandardDescriptors(pid: number): ProcessInfo['descriptors'] {
  const input = readDescriptor(pid, 0)
  const output = readDescriptor(pid, 1)
  const error = readDescriptor(pid, 2)
  return input && output && error ? [input, output, error] : undefined
}

/** First two of the four numbers of a line of /proc/PID/status: real and effective. */
function identifiers(status: string, label: 'Uid' | 'Gid'): readonly [number, number] | undefined {
  // The line is looked for from its start: the name in the first line cannot hold a line break unescaped.
  const at = status.indexOf(`\n${label}:\t`)
  if (at < 0) return undefined
  const [real, effective] = status.slice(at + 6, status.indexOf('\n', at + 6)).split('\t')
  return [Number(real), Number(effective)]
}

function readIdentifier(path: string): number | undefined {
  const text = readProcText(path, 64)
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return Number.isInteger(value) && value !== UNSET ? value : undefined
}

function readCgroupPath(pid: number): string | undefined {
  const text = readProcText(`/proc/${pid}/cgroup`)
  return text
    ?.split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice(3)
}

function readNamespace(pid: number, kind: 'pid' | 'mnt'): number | undefined {
  const number = /\[(\d+)\]$/.exec(readProcLink(`/proc/${pid}/ns/${kind}`) ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [k in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [k in K]?: V }
}
