import { readFileSync, statfsSync } from 'node:fs'

/** How much of its resources a machine uses. */
export interface Usage {
  /** Time of all processors since boot in clock ticks: busy, and in all (proc(5), the line `cpu` of /proc/stat). */
  readonly cpuTicks: { readonly busy: number; readonly total: number }
  /** Processes that ran or waited for the disk, averaged over a minute. */
  readonly load1m: number
  readonly memoryTotalBytes: number
  /** What programs may still take without swapping, the kernel's own estimate. */
  readonly memoryAvailableBytes: number
  readonly diskTotalBytes: number
  /** What a user that is not root may still write. */
  readonly diskFreeBytes: number
}

/**
 * Reads it from /proc.
 *
 * @param path names the file system whose room is told
 */
export function readUsage(path: string): Usage {
  const [available, total] = memory(readFileSync('/proc/meminfo', 'latin1'))
  const { bavail, blocks, bsize } = statfsSync(path)
  return {
    cpuTicks: cpuTicks(readFileSync('/proc/stat', 'latin1')),
    load1m: Number.parseFloat(readFileSync('/proc/loadavg', 'latin1')),
    memoryTotalBytes: total,
    memoryAvailableBytes: available,
    diskTotalBytes: blocks * bsize,
    diskFreeBytes: bavail * bsize,
  }
}

/** From the text of /proc/stat. The time of guests is part of `user` and `nice` already. */
export function cpuTicks(stat: string): Usage['cpuTicks'] {
  const fields = stat.slice(0, stat.indexOf('\n')).split(/ +/).slice(1, 9).map(Number)
  const total = fields.reduce((sum, ticks) => sum + ticks, 0)
  const [, , , idle = 0, waiting = 0] = fields
  return { busy: total - idle - waiting, total }
}

function memory(meminfo: string): [availableBytes: number, totalBytes: number] {
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0) * 1024
  return [bytes('MemAvailable'), bytes('MemTotal')]
}
