import { readProcText } from './read.ts'

/** What /proc/PID/stat says, proc_pid_stat(5). */
export interface ProcessStat {
  readonly pid: number
  /** The kernel's name of the task, at most 15 bytes; the process can change it. */
  readonly name: string
  /** One letter: R running, S sleeping, D in the disk, T stopped, t traced, Z zombie, X dead, I idle. */
  readonly state: string
  readonly ppid: number
  readonly processGroup: number
  readonly session: number
  /** Device number of the controlling terminal; 0 for none. */
  readonly tty: number
  /** Start in clock ticks since boot: with the pid it names the process for as long as the machine is up. */
  readonly startTicks: number
  /** A thread of the kernel itself: no program, no memory of its own. */
  readonly kernelThread: boolean
  /** On its way out: its memory and files may be gone already. */
  readonly exiting: boolean
  /**
   * Where its arguments lie in its memory. Another place after each execve, chosen at random, so two looks tell whether
   * it became another program. 0 where the caller may not know.
   */
  readonly argumentsAddress: number
}

/** Flags of include/linux/sched.h. */
const PF_EXITING = 0x4
const PF_KTHREAD = 0x0020_0000

/** Reads /proc/PID/stat; undefined when there is no such process (any more). */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const text = readProcText(`/proc/${pid}/stat`, 4096)
  return text === undefined ? undefined : parseProcessStat(text)
}

/**
 * Parses a line of /proc/PID/stat; undefined when it is not one. The name may hold anything, parentheses and line
 * breaks among it, so the fields are counted from its last closing parenthesis.
 */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return undefined
  const fields = text.slice(close + 2).split(' ')
  if (fields.length < 20) return undefined
  const field = (number: number) => Number(fields[number - 3])
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state: fields[0] ?? '?',
    ppid: field(4),
    processGroup: field(5),
    session: field(6),
    tty: field(7),
    startTicks: field(22),
    kernelThread: (field(9) & PF_KTHREAD) !== 0,
    exiting: (field(9) & PF_EXITING) !== 0,
    argumentsAddress: fields.length < 46 ? 0 : field(48),
  }
}
