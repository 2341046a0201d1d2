import type { ProcessIdentity, SystemRecord } from '@vedette/model'
import {
  cloneFlags,
  deleteModuleFlags,
  errorText,
  flagNames,
  memoryFileFlags,
  moduleFlags,
  mountFlags,
  ptraceRequests,
  unmountFlags,
  userfaultFlags,
  valueName,
} from '../ebpf/records/flag-names.ts'
import type { AuditedCall } from './assembler.ts'

type Arguments = Record<string, string | number>
type Find = (pid: number) => ProcessIdentity

/** What a call says, beside its name and its end. */
interface Told {
  readonly activity: SystemRecord['activity']
  /** Pid of the one that it was done to. */
  readonly target?: number
  readonly arguments?: Arguments
}

type Tell = (argument: (index: number) => number, call: AuditedCall) => Told

const tellers: Readonly<Record<string, Tell>> = {
  ptrace: (a) => ({
    activity: 'trace',
    target: a(1),
    arguments: { request: valueName(a(0), ptraceRequests) },
  }),
  process_vm_readv: (a, call) => ({ activity: 'trace', target: a(0), arguments: bytesOf(call) }),
  process_vm_writev: (a, call) => ({ activity: 'write_memory', target: a(0), arguments: bytesOf(call) }),
  memfd_create: (a) => ({
    activity: 'create_memory_file',
    arguments: { flags: flagNames(a(1), memoryFileFlags) },
  }),
  userfaultfd: (a) => ({ activity: 'userfault', arguments: { flags: flagNames(a(0), userfaultFlags) } }),
  init_module: (a, { module }) => ({ activity: 'load_module', arguments: { len: a(1), ...named(module) } }),
  finit_module: (a, { module }) => ({
    activity: 'load_module',
    arguments: { flags: flagNames(a(2), moduleFlags), ...named(module) },
  }),
  delete_module: (a, { module }) => ({
    activity: 'unload_module',
    arguments: { ...named(module), flags: flagNames(a(1), deleteModuleFlags) },
  }),
  bpf: () => ({ activity: 'bpf', arguments: { cmd: 'BPF_PROG_LOAD' } }),
  perf_event_open: (a) => ({ activity: 'perf', ...(a(1) > 0 && a(1) < 2 ** 31 ? { target: a(1) } : {}) }),
  mount: (a, { paths: [target] }) => ({
    activity: 'mount',
    arguments: { ...given('target', target), flags: flagNames(a(3) % 2 ** 32, mountFlags) },
  }),
  umount2: (a, { paths: [target] }) => ({
    activity: 'unmount',
    arguments: { ...given('target', target), flags: flagNames(a(1), unmountFlags) },
  }),
  pivot_root: (_a, { paths: [root, old] }) => ({
    activity: 'change_root',
    arguments: { ...given('new_root', root), ...given('put_old', old) },
  }),
  chroot: (_a, { paths: [root] }) => ({ activity: 'change_root', arguments: given('root', root) }),
  setns: (a) => ({
    activity: 'enter_namespace',
    arguments: { nstype: flagNames(a(1), cloneFlags) },
  }),
  unshare: (a) => ({ activity: 'create_namespace', arguments: { flags: flagNames(a(0), cloneFlags) } }),
  io_uring_setup: (a) => ({ activity: 'io_uring', arguments: { entries: a(0) } }),
}

/** What of the activities of `SystemRecord` is told. */
export const auditedActivities: readonly SystemRecord['activity'][] = [
  'trace',
  'write_memory',
  'create_memory_file',
  'userfault',
  'load_module',
  'unload_module',
  'bpf',
  'mount',
  'unmount',
  'change_root',
  'enter_namespace',
  'create_namespace',
  'io_uring',
  'perf',
]

/** The record of a call that is neither a program, a file nor a connection; nothing for one that is not told. */
export function auditedSystem(
  name: string,
  call: AuditedCall,
  process: ProcessIdentity,
  find: Find,
): SystemRecord | undefined {
  const { syscall, timeMs } = call
  const told = tellers[name]?.((index) => Number.parseInt(syscall.get(`a${index}`) ?? '0', 16), call)
  if (told === undefined) return undefined
  const end = Number(syscall.get('exit') ?? 0)
  const failed = syscall.get('success') === 'no'
  return {
    type: 'system',
    source: 'audit',
    timeMs,
    process,
    activity: told.activity,
    systemCall: name,
    ...(told.target === undefined ? undefined : { target: find(told.target) }),
    arguments: { ...told.arguments, ...(failed ? { result: errorText(-end) } : undefined) },
  }
}

const given = (key: string, value: string | undefined): Arguments =>
  value === undefined ? {} : { [key]: value }
const named = (module: string | undefined): Arguments => given('name', module)

function bytesOf({ syscall }: AuditedCall): Arguments {
  const bytes = Number(syscall.get('exit') ?? 0)
  return bytes >= 0 ? { bytes } : {}
}
