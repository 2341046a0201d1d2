import { readlinkSync } from 'node:fs'

/** PROC_PID_INIT_INO of linux/proc_ns.h: the number of the namespace that the kernel starts with. */
const FIRST = 'pid:[4026531836]'

/**
 * Whether this process lives in the pid namespace that the machine booted with, where its process numbers are those of
 * the kernel. False in a container, unless it shares the host's.
 */
export function isInFirstPidNamespace(): boolean {
  return readlinkSync('/proc/self/ns/pid') === FIRST
}
