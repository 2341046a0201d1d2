/** Words of include/uapi/linux for the values that system calls take. */

/** The names of the bits that are set, joined by `|`; what has no name as a number. `none` where there is no bit. */
export function flagNames(value: number, names: Readonly<Record<string, number>>, none = '0'): string {
  const found = flagList(value, names)
  return found.length === 0 ? none : found.join('|')
}

/** The names of the bits that are set; what has no name as one number at the end. */
export function flagList(value: number, names: Readonly<Record<string, number>>): string[] {
  const found: string[] = []
  let left = value
  for (const [name, bit] of Object.entries(names)) {
    if (bit === 0 || Math.floor(left / bit) % 2 === 0) continue
    found.push(name)
    left -= bit
  }
  if (left !== 0) found.push(`0x${left.toString(16)}`)
  return found
}

/** The name of one value; the number where it has none. */
export function valueName(value: number, names: Readonly<Record<number, string>>): string | number {
  return names[value] ?? value
}

export const cloneFlags = {
  CLONE_NEWTIME: 0x80,
  CLONE_NEWNS: 0x20000,
  CLONE_NEWCGROUP: 0x200_0000,
  CLONE_NEWUTS: 0x400_0000,
  CLONE_NEWIPC: 0x800_0000,
  CLONE_NEWUSER: 0x1000_0000,
  CLONE_NEWPID: 0x2000_0000,
  CLONE_NEWNET: 0x4000_0000,
}

/** Type of a namespace by the name that the kernel gives it. */
export const namespaceTypes: Readonly<Record<string, string>> = {
  mnt: 'CLONE_NEWNS',
  cgroup: 'CLONE_NEWCGROUP',
  uts: 'CLONE_NEWUTS',
  ipc: 'CLONE_NEWIPC',
  user: 'CLONE_NEWUSER',
  pid: 'CLONE_NEWPID',
  net: 'CLONE_NEWNET',
  time: 'CLONE_NEWTIME',
}

export const mountFlags = {
  MS_RDONLY: 1,
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_SYNCHRONOUS: 16,
  MS_REMOUNT: 32,
  MS_MANDLOCK: 64,
  MS_DIRSYNC: 128,
  MS_NOSYMFOLLOW: 256,
  MS_NOATIME: 1024,
  MS_NODIRATIME: 2048,
  MS_BIND: 4096,
  MS_MOVE: 8192,
  MS_REC: 16_384,
  MS_SILENT: 32_768,
  MS_POSIXACL: 1 << 16,
  MS_UNBINDABLE: 1 << 17,
  MS_PRIVATE: 1 << 18,
  MS_SLAVE: 1 << 19,
  MS_SHARED: 1 << 20,
  MS_RELATIME: 1 << 21,
  MS_STRICTATIME: 1 << 24,
  MS_LAZYTIME: 1 << 25,
}

export const unmountFlags = { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 }

export const protections = { PROT_READ: 1, PROT_WRITE: 2, PROT_EXEC: 4, PROT_GROWSDOWN: 0x100_0000 }

export const mapFlags = {
  MAP_SHARED: 1,
  MAP_PRIVATE: 2,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_32BIT: 0x40,
  MAP_GROWSDOWN: 0x100,
  MAP_LOCKED: 0x2000,
  MAP_NORESERVE: 0x4000,
  MAP_POPULATE: 0x8000,
  MAP_STACK: 0x20000,
  MAP_HUGETLB: 0x40000,
  MAP_FIXED_NOREPLACE: 0x10_0000,
}

export const memoryFileFlags = {
  MFD_CLOEXEC: 1,
  MFD_ALLOW_SEALING: 2,
  MFD_HUGETLB: 4,
  MFD_NOEXEC_SEAL: 8,
  MFD_EXEC: 16,
}

export const userfaultFlags = { UFFD_USER_MODE_ONLY: 1, O_NONBLOCK: 0x800, O_CLOEXEC: 0x80000 }

export const moduleFlags = {
  MODULE_INIT_IGNORE_MODVERSIONS: 1,
  MODULE_INIT_IGNORE_VERMAGIC: 2,
  MODULE_INIT_COMPRESSED_FILE: 4,
}

export const deleteModuleFlags = { O_TRUNC: 0x200, O_NONBLOCK: 0x800 }

export const uringFlags = {
  IORING_SETUP_IOPOLL: 1,
  IORING_SETUP_SQPOLL: 2,
  IORING_SETUP_SQ_AFF: 4,
  IORING_SETUP_CQSIZE: 8,
  IORING_SETUP_CLAMP: 16,
  IORING_SETUP_ATTACH_WQ: 32,
  IORING_SETUP_R_DISABLED: 64,
  IORING_SETUP_SUBMIT_ALL: 128,
  IORING_SETUP_COOP_TASKRUN: 256,
  IORING_SETUP_TASKRUN_FLAG: 512,
  IORING_SETUP_SQE128: 1024,
  IORING_SETUP_CQE32: 2048,
  IORING_SETUP_SINGLE_ISSUER: 4096,
  IORING_SETUP_DEFER_TASKRUN: 8192,
  IORING_SETUP_NO_MMAP: 16_384,
  IORING_SETUP_REGISTERED_FD_ONLY: 32_768,
  IORING_SETUP_NO_SQARRAY: 65_536,
}

export const ptraceRequests: Readonly<Record<number, string>> = {
  0: 'PTRACE_TRACEME',
  4: 'PTRACE_POKETEXT',
  5: 'PTRACE_POKEDATA',
  6: 'PTRACE_POKEUSR',
  13: 'PTRACE_SETREGS',
  15: 'PTRACE_SETFPREGS',
  16: 'PTRACE_ATTACH',
  0x4205: 'PTRACE_SETREGSET',
  0x4206: 'PTRACE_SEIZE',
}

export const bpfCommands: Readonly<Record<number, string>> = {
  5: 'BPF_PROG_LOAD',
  6: 'BPF_OBJ_PIN',
  8: 'BPF_PROG_ATTACH',
  17: 'BPF_RAW_TRACEPOINT_OPEN',
  28: 'BPF_LINK_CREATE',
}

const bpfPrograms =
  'UNSPEC SOCKET_FILTER KPROBE SCHED_CLS SCHED_ACT TRACEPOINT XDP PERF_EVENT CGROUP_SKB CGROUP_SOCK LWT_IN LWT_OUT LWT_XMIT SOCK_OPS SK_SKB CGROUP_DEVICE SK_MSG RAW_TRACEPOINT CGROUP_SOCK_ADDR LWT_SEG6LOCAL LIRC_MODE2 SK_REUSEPORT FLOW_DISSECTOR CGROUP_SYSCTL RAW_TRACEPOINT_WRITABLE CGROUP_SOCKOPT TRACING STRUCT_OPS EXT LSM SK_LOOKUP SYSCALL NETFILTER'.split(
    ' ',
  )

/** Type of a BPF program. */
export function bpfProgramType(value: number): string | number {
  const name = bpfPrograms[value]
  return name === undefined ? value : `BPF_PROG_TYPE_${name}`
}

export const perfTypes: Readonly<Record<number, string>> = {
  0: 'PERF_TYPE_HARDWARE',
  1: 'PERF_TYPE_SOFTWARE',
  2: 'PERF_TYPE_TRACEPOINT',
  3: 'PERF_TYPE_HW_CACHE',
  4: 'PERF_TYPE_RAW',
  5: 'PERF_TYPE_BREAKPOINT',
}

const keyOperations =
  'GET_KEYRING_ID JOIN_SESSION_KEYRING UPDATE REVOKE CHOWN SETPERM DESCRIBE CLEAR LINK UNLINK SEARCH READ INSTANTIATE NEGATE SET_REQKEY_KEYRING SET_TIMEOUT ASSUME_AUTHORITY GET_SECURITY SESSION_TO_PARENT REJECT INSTANTIATE_IOV INVALIDATE GET_PERSISTENT DH_COMPUTE PKEY_QUERY PKEY_ENCRYPT PKEY_DECRYPT PKEY_SIGN PKEY_VERIFY RESTRICT_KEYRING MOVE CAPABILITIES WATCH_KEY'.split(
    ' ',
  )

/** Operation of keyctl(2). */
export function keyOperation(value: number): string | number {
  const name = keyOperations[value]
  return name === undefined ? value : `KEYCTL_${name}`
}

const uringOperations =
  'NOP READV WRITEV FSYNC READ_FIXED WRITE_FIXED POLL_ADD POLL_REMOVE SYNC_FILE_RANGE SENDMSG RECVMSG TIMEOUT TIMEOUT_REMOVE ACCEPT ASYNC_CANCEL LINK_TIMEOUT CONNECT FALLOCATE OPENAT CLOSE FILES_UPDATE STATX READ WRITE FADVISE MADVISE SEND RECV OPENAT2 EPOLL_CTL SPLICE PROVIDE_BUFFERS REMOVE_BUFFERS TEE SHUTDOWN RENAMEAT UNLINKAT MKDIRAT SYMLINKAT LINKAT MSG_RING FSETXATTR SETXATTR FGETXATTR GETXATTR SOCKET URING_CMD SEND_ZC SENDMSG_ZC READ_MULTISHOT WAITID FUTEX_WAIT FUTEX_WAKE FUTEX_WAITV FIXED_FD_INSTALL FTRUNCATE BIND LISTEN RECV_ZC EPOLL_WAIT READV_FIXED WRITEV_FIXED PIPE'.split(
    ' ',
  )

/** Operation of a request of io_uring. */
export function uringOperation(value: number): string {
  return `IORING_OP_${uringOperations[value] ?? value}`
}

const errors: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  7: 'E2BIG',
  8: 'ENOEXEC',
  12: 'ENOMEM',
  13: 'EACCES',
  14: 'EFAULT',
  16: 'EBUSY',
  17: 'EEXIST',
  22: 'EINVAL',
  38: 'ENOSYS',
  74: 'EBADMSG',
  126: 'ENOKEY',
  129: 'EKEYREJECTED',
}

/** Name of an error number. */
export function errorText(number: number): string {
  return errors[number] ?? `errno ${number}`
}
