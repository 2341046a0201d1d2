/**
 * Every kind of record that the sensor can make, with its number: `type` of its head and its place in the kernel's
 * `emitted`, `lost` and `enabled`. The same table as in bpf/kinds.bpf.h. The last ones are activities of `SystemRecord`.
 */
export const kinds = {
  exec: 1,
  fork: 2,
  exit: 3,
  connect: 4,
  accept: 5,
  listen: 6,
  close: 7,
  file: 8,
  path: 9,
  bind: 10,
  send: 11,
  raw: 12,
  signal: 13,
  dns: 14,
  self_delete: 15,
  trace: 16,
  write_memory: 17,
  set_user: 18,
  set_group: 19,
  set_capabilities: 20,
  keyring: 21,
  make_executable: 22,
  create_memory_file: 23,
  userfault: 24,
  load_module: 25,
  unload_module: 26,
  bpf: 27,
  mount: 28,
  unmount: 29,
  change_root: 30,
  enter_namespace: 31,
  create_namespace: 32,
  io_uring: 33,
  perf: 34,
  count_calls: 35,
} as const

export type KindName = keyof typeof kinds

export const kindNames = Object.keys(kinds) as KindName[]

/** Numbers that the kernel's counters have room for. */
export const KINDS = 64

/** Kinds about sockets: told only where `network` is. */
export const socketKinds: readonly KindName[] = [
  'connect',
  'accept',
  'listen',
  'close',
  'bind',
  'send',
  'raw',
  'dns',
]

/** Kinds that nobody needs unless asked: they cost something at every system call. */
export const quietKinds: readonly KindName[] = ['count_calls']
