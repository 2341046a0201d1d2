import { readFileSync, statfsSync } from 'node:fs'
import { parsePressureLines, type PressureAverages } from './pressure.ts'
import { readProcText } from './read.ts'

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
  /** Since boot, of all disks. */
  readonly diskReadBytes: number
  readonly diskWrittenBytes: number
  /** Of all processes, and how many the kernel allows. */
  readonly openFiles: number
  readonly openFilesLimit: number
  /** By resource; left out where the kernel does not account for it. */
  readonly pressure: Readonly<Partial<Record<'cpu' | 'memory' | 'io', WaitShares>>>
}

interface WaitShares {
  readonly some: PressureAverages
  readonly full?: PressureAverages
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
    ...diskTraffic(readProcText('/proc/vmstat') ?? ''),
    ...openFiles(readProcText('/proc/sys/fs/file-nr') ?? ''),
    pressure: readPressure(),
  }
}

/** From the text of /proc/vmstat: KiB that went to and came from block devices. */
export function diskTraffic(vmstat: string): Pick<Usage, 'diskReadBytes' | 'diskWrittenBytes'> {
  const bytes = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(vmstat)?.[1] ?? 0) * 1024
  return { diskReadBytes: bytes('pgpgin'), diskWrittenBytes: bytes('pgpgout') }
}

/** proc_sys_fs(5): allocated, unused (always 0), the most. */
function openFiles(fileNr: string): Pick<Usage, 'openFiles' | 'openFilesLimit'> {
  const [open = 0, , most = 0] = fileNr.trim().split(/\s+/).map(Number)
  // "No limit" is beyond what a double holds exactly.
  return { openFiles: open, openFilesLimit: Math.min(most, Number.MAX_SAFE_INTEGER) }
}

function readPressure(): Usage['pressure'] {
  const of = (resource: string) => parsePressureLines(readProcText(`/proc/pressure/${resource}`) ?? '')
  const [cpu, memory, io] = [of('cpu'), of('memory'), of('io')]
  return { ...(cpu && { cpu }), ...(memory && { memory }), ...(io && { io }) }
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
