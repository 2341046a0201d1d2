import type { KindName } from './kinds.ts'

const opens = ['open', 'creat', 'openat', 'openat2', 'open_by_handle_at']
const removals = ['rmdir', 'unlink', 'unlinkat']

/**
 * System calls by the kinds that are told at their end, by the names of their tracepoints (`syscalls/sys_exit_NAME`). Those
 * that a kernel or machine lacks are passed over. bpf/call-tables.bpf.h has the same calls by number.
 */
export const kindCalls: Readonly<Partial<Record<KindName, readonly string[]>>> = {
  file: [
    ...opens,
    ...removals,
    'truncate',
    'ftruncate',
    'rename',
    'renameat',
    'renameat2',
    'mkdir',
    'mkdirat',
    'mknod',
    'mknodat',
    'link',
    'linkat',
    'symlink',
    'symlinkat',
    'chmod',
    'fchmod',
    'fchmodat',
    'fchmodat2',
    'chown',
    'fchown',
    'lchown',
    'fchownat',
    'setxattr',
    'lsetxattr',
    'fsetxattr',
    'setxattrat',
    'removexattr',
    'lremovexattr',
    'fremovexattr',
    'removexattrat',
    'utime',
    'utimes',
    'futimesat',
    'utimensat',
  ],
  self_delete: removals,
  connect: ['connect'],
  accept: ['accept', 'accept4'],
  bind: ['bind'],
  send: ['sendto', 'sendmsg', 'sendmmsg'],
  dns: ['sendto', 'sendmsg', 'sendmmsg'],
  raw: ['socket'],
  trace: ['ptrace', 'process_vm_readv'],
  // By another process's /proc/PID/mem, too.
  write_memory: [...opens, 'ptrace', 'process_vm_writev'],
  set_user: ['setuid', 'setreuid', 'setresuid', 'setfsuid'],
  set_group: ['setgid', 'setregid', 'setresgid', 'setfsgid'],
  set_capabilities: ['capset'],
  keyring: ['add_key', 'request_key', 'keyctl'],
  make_executable: ['mmap', 'mprotect', 'pkey_mprotect'],
  create_memory_file: ['memfd_create', 'memfd_secret'],
  userfault: ['userfaultfd'],
  load_module: ['init_module', 'finit_module', 'kexec_load', 'kexec_file_load'],
  unload_module: ['delete_module'],
  bpf: ['bpf'],
  mount: ['mount', 'open_tree', 'move_mount', 'fsopen', 'fsmount', 'mount_setattr'],
  unmount: ['umount'],
  change_root: ['pivot_root', 'chroot'],
  enter_namespace: ['setns'],
  create_namespace: ['unshare', 'clone', 'clone3'],
  io_uring: ['io_uring_setup'],
  perf: ['perf_event_open'],
}

/** All of them. The place of each is that of its tracepoint in the map `call_events`. */
export const watchableCalls: readonly string[] = [...new Set(Object.values(kindCalls).flat())]
