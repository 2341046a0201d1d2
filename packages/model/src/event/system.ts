import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import {
  fileSchema,
  type FileObject,
  type Process,
  type ProcessEntity,
  processEntitySchema,
  processSchema,
} from './objects.ts'

/**
 * What a process asked of the kernel, beyond programs, files and connections. Each has one `activity`; the class is
 * OCSF's: Kernel Extension 1002, Kernel 1003, Memory 1004, Process 1007.
 */
const systemActivities = {
  /** Attached to another process, or wrote into it: ptrace(2), process_vm_writev(2). */
  trace: 1007,
  write_memory: 1007,
  /** Sent a signal to another process. */
  signal: 1007,
  /** Removed the file of the program that it runs itself. */
  self_delete: 1007,
  set_user: 1007,
  set_group: 1007,
  set_capabilities: 1007,
  keyring: 1003,
  /** Made memory executable that is, or was, writable: mmap(2), mprotect(2). */
  make_executable: 1004,
  create_memory_file: 1004,
  userfault: 1004,
  load_module: 1002,
  unload_module: 1002,
  bpf: 1003,
  mount: 1003,
  unmount: 1003,
  change_root: 1003,
  enter_namespace: 1003,
  create_namespace: 1003,
  /** Handed work to the kernel past system calls: io_uring. */
  io_uring: 1003,
  perf: 1003,
  /** Was stopped at its start, or would have been; or what stops programs changed. `arguments` has the verdict. */
  prevent_exec: 1007,
  /** Counts of system calls of a process over a while. */
  count_calls: 1003,
} as const

export type SystemActivity = keyof typeof systemActivities

const activityNames = Object.keys(systemActivities) as [SystemActivity, ...SystemActivity[]]

export function systemClass(activity: SystemActivity): SystemEvent['class_uid'] {
  return systemActivities[activity]
}

/** OCSF Process, Memory, Kernel or Kernel Extension Activity: what a process asked of the kernel. */
export interface SystemEvent extends EventBase {
  readonly kind: 'system'
  readonly class_uid: 1002 | 1003 | 1004 | 1007
  readonly activity: SystemActivity
  /** Name of the system call, as in syscalls(2); empty where there was none. */
  readonly system_call: string
  readonly process?: Process
  /** Which process it was done to. */
  readonly target_process?: ProcessEntity
  /** The file that it was done with: the module, the source of a mount, the mapped file. */
  readonly file?: FileObject
  /**
   * What more there is to say, by activity; names are those of the system call's page in the manual, values as people
   * read them: `{request: 'PTRACE_ATTACH'}`, `{target: '/mnt', fstype: 'overlay'}`, `{flags: 'CLONE_NEWUSER'}`.
   */
  readonly arguments?: Readonly<Record<string, string | number>>
}

export const systemEventSchema = eventBaseSchema.extend({
  kind: z.literal('system'),
  class_uid: z.union([z.literal(1002), z.literal(1003), z.literal(1004), z.literal(1007)]),
  activity: z.enum(activityNames),
  system_call: z.string().max(64),
  process: processSchema.optional(),
  target_process: processEntitySchema.optional(),
  file: fileSchema.optional(),
  arguments: z
    .record(z.string().max(64), z.union([z.string().max(65_536), z.number()]))
    .refine((record) => Object.keys(record).length <= 1024, 'more than 1024 arguments')
    .optional(),
})
