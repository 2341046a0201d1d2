/**
 * What the end of a system call is called in the kernel's half: the same list, in the same order, as in
 * bpf/system-calls.bpf.h. The empty names stand for no call.
 */
const names = [
  'ptrace',
  'process_vm_readv',
  'process_vm_writev',
  'setuid',
  'setreuid',
  'setresuid',
  'setfsuid',
  'setgid',
  'setregid',
  'setresgid',
  'setfsgid',
  'capset',
  'add_key',
  'request_key',
  'keyctl',
  'mmap',
  'mprotect',
  'pkey_mprotect',
  'memfd_create',
  'memfd_secret',
  'userfaultfd',
  'init_module',
  'finit_module',
  'delete_module',
  'kexec_load',
  'kexec_file_load',
  'bpf',
  'perf_event_open',
  'mount',
  'umount2',
  'pivot_root',
  'chroot',
  'open_tree',
  'move_mount',
  'fsopen',
  'fsmount',
  'mount_setattr',
  'setns',
  'unshare',
  'clone',
  'clone3',
  'io_uring_setup',
  'open_mem',
  'uring_counts',
  'uring_named',
] as const

export type SystemCallName = (typeof names)[number]

const FIRST = 32

/** The call of a record; nothing for a number that the sensor does not use. */
export function systemCallName(code: number): SystemCallName | undefined {
  return names[code - FIRST]
}
