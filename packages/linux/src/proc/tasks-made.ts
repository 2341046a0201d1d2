import { readFileSync } from 'node:fs'

/** Tasks, threads among them, that this machine made since it booted: `processes` of /proc/stat, proc(5). */
export function tasksMade(): number {
  return Number(/^processes (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? 0)
}
