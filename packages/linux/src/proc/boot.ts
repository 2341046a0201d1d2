import { readFileSync } from 'node:fs'

/** Random name of this boot of the machine, a UUID in text. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}
