/** How much a process has used since its start, and uses now: fields of /proc/PID/stat, proc_pid_stat(5). */
export interface ProcessUsage {
  /** In user and in kernel mode, of all its threads, in clock ticks. */
  cpuTicks: number
  threads: number
  startTicks: number
  /** Resident, in pages; shared ones count in full. */
  residentPages: number
  kernelThread: boolean
}

const CLOSE = 0x29
const BLANK = 0x20
const PF_KTHREAD = 0x0020_0000

/**
 * Reads the fields into `usage`, so that nothing is made anew for each of many processes. The name may hold anything, so
 * the fields are counted from its last closing parenthesis.
 *
 * @returns false where the text is not of that form
 */
export function parseProcessUsage(text: Buffer, usage: ProcessUsage): boolean {
  const close = text.lastIndexOf(CLOSE)
  if (close < 0) return false
  let field = 2
  let value = 0
  let cpuTicks = 0
  for (let at = close + 1; at < text.length; at += 1) {
    const byte = text[at] as number
    if (byte !== BLANK) {
      value = byte >= 0x30 && byte <= 0x39 ? value * 10 + byte - 0x30 : 0
      continue
    }
    switch (field) {
      case 9:
        // Beyond 32 bits the flags do not go, and a double holds them exactly.
        usage.kernelThread = (value & PF_KTHREAD) !== 0
        break
      case 14:
        cpuTicks = value
        break
      case 15:
        usage.cpuTicks = cpuTicks + value
        break
      case 20:
        usage.threads = value
        break
      case 22:
        usage.startTicks = value
        break
      case 24:
        usage.residentPages = value
        return true
      default:
    }
    field += 1
    value = 0
  }
  return false
}
