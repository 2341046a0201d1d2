import { cloneFlags, flagList } from './flag-names.ts'

/** Flags of clone(2) besides those of namespaces, as include/uapi/linux/sched.h has them. */
const others = {
  CLONE_VM: 0x100,
  CLONE_FS: 0x200,
  CLONE_FILES: 0x400,
  CLONE_SIGHAND: 0x800,
  CLONE_PIDFD: 0x1000,
  CLONE_PTRACE: 0x2000,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_SYSVSEM: 0x4_0000,
  CLONE_SETTLS: 0x8_0000,
  CLONE_PARENT_SETTID: 0x10_0000,
  CLONE_CHILD_CLEARTID: 0x20_0000,
  CLONE_UNTRACED: 0x80_0000,
  CLONE_CHILD_SETTID: 0x100_0000,
  CLONE_IO: 0x8000_0000,
}

const names = { ...cloneFlags, ...others }
const namespaces = Object.values(cloneFlags).reduce((sum, flag) => sum | flag, 0)
const unusual = namespaces | others.CLONE_PARENT | others.CLONE_UNTRACED
const known = new Map<number, readonly string[]>()
const MOST_KNOWN = 256

/**
 * The names of all flags that made a process, where one of them is out of the ordinary: a namespace, another parent than its
 * maker, memory that it goes on to share with its maker. Undefined otherwise, and so for nearly all processes.
 *
 * @param flags the lower 32 bits, without the signal that clone(2) keeps there
 */
export function unusualCloneFlags(flags: number): readonly string[] | undefined {
  const sharesMemory = (flags & (others.CLONE_VM | others.CLONE_VFORK)) === others.CLONE_VM
  if ((flags & unusual) === 0 && !sharesMemory) return undefined
  let found = known.get(flags)
  if (found === undefined) {
    found = flagList(flags, names)
    if (known.size < MOST_KNOWN) known.set(flags, found)
  }
  return found
}
