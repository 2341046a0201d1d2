import { visible } from '@vedette/base'
import type {
  Endpoint,
  FileEvent,
  NetworkEvent,
  Process,
  ProcessEntity,
  SystemActivity,
  SystemRecord,
} from '@vedette/model'
import { shortText } from '../../bounded-text.ts'

/** Longest command line or path in a sentence for people. */
const MAX_QUOTED = 300

/** An attacker's text within a sentence: short, on one line, without orders to a terminal. */
function quoted(text: string, limit: number = MAX_QUOTED): string {
  return visible(shortText(text, limit))
}

/** What people call a process. */
export function nameOf(process: { readonly name: string; readonly pid: number } | undefined): string {
  if (process === undefined) return 'a process'
  return process.name === '' ? `process ${process.pid}` : quoted(process.name, 64)
}

export function launchMessage(process: Process): string {
  const what = quoted(process.cmd_line ?? process.path ?? process.name)
  return process.parent_process === undefined
    ? `started ${what}`
    : `${nameOf(process.parent_process)} started ${what}`
}

export function terminateMessage(
  process: Process,
  exitCode: number | undefined,
  signal: number | undefined,
): string {
  if (signal !== undefined) return `${nameOf(process)} was ended by signal ${signal}`
  if (exitCode !== undefined) return `${nameOf(process)} ended with status ${exitCode}`
  return `${nameOf(process)} ended`
}

/** `192.0.2.1:443`, `[2001:db8::1]:443`. */
export function addressOf({ ip, port }: Endpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

export function networkMessage(
  activity: NetworkEvent['activity'],
  process: Process | undefined,
  src: Endpoint | undefined,
  dst: Endpoint,
  { socket, result }: Pick<NetworkEvent, 'socket' | 'result'> = {},
): string {
  const who = nameOf(process)
  switch (activity) {
    case 'open':
      return result === undefined
        ? `${who} connected to ${addressOf(dst)}`
        : `${who} could not connect to ${addressOf(dst)} (${result})`
    case 'accept':
      return `${who} accepted a connection on port ${dst.port}${src === undefined ? '' : ` from ${addressOf(src)}`}`
    case 'listen':
      return `${who} listens on ${addressOf(dst)}`
    case 'bind':
      return `${who} took ${addressOf(dst)} for itself`
    case 'send':
      return `${who} sent to ${addressOf(dst)}`
    case 'raw':
      return `${who} opened a socket for ${wholePackets(socket)}`
    default:
      if (result !== undefined) return `${who} got no connection to ${addressOf(dst)} (${result})`
      return src === undefined
        ? `${who} closed ${addressOf(dst)}`
        : `${who} closed the connection from ${addressOf(src)} to ${addressOf(dst)}`
  }
}

function wholePackets(socket: NetworkEvent['socket']): string {
  return socket === undefined ? 'whole packets' : `${socket.family} ${socket.type} ${socket.protocol}`
}

const FILE_VERBS: Readonly<Record<FileEvent['activity'], string>> = {
  create: 'created',
  read: 'read',
  update: 'changed',
  delete: 'removed',
  rename: 'renamed',
  set_attributes: 'changed the attributes of',
  differ: 'made another file of',
}

export function fileMessage(
  activity: FileEvent['activity'],
  process: Process | undefined,
  path: string,
  newPath: string | undefined,
): string {
  const to = newPath === undefined ? '' : ` to ${quoted(newPath)}`
  return `${nameOf(process)} ${FILE_VERBS[activity]} ${quoted(path)}${to}`
}

const SYSTEM_VERBS: Readonly<Record<SystemActivity, string>> = {
  trace: 'took control of',
  write_memory: 'wrote into the memory of',
  signal: 'sent a signal to',
  self_delete: 'removed its own program',
  set_user: 'changed its user',
  set_group: 'changed its group',
  set_capabilities: 'changed its capabilities',
  keyring: 'used a keyring',
  make_executable: 'made writable memory executable',
  create_memory_file: 'made a file that only memory holds',
  userfault: 'asked to handle page faults',
  load_module: 'loaded a kernel module',
  unload_module: 'removed a kernel module',
  bpf: 'put a BPF program or map into the kernel',
  mount: 'mounted a file system',
  unmount: 'unmounted a file system',
  change_root: 'changed its root folder',
  enter_namespace: 'entered a namespace',
  create_namespace: 'made a namespace',
  io_uring: 'handed work to the kernel by io_uring',
  perf: 'opened performance events',
  prevent_exec: 'met what stops programs at their start',
  count_calls: 'made system calls',
}

export function systemMessage(
  record: SystemRecord,
  process: Process | undefined,
  target: ProcessEntity | undefined,
): string {
  const whom = target === undefined ? '' : ` ${nameOf(target)}`
  const file = record.path === undefined ? '' : `: ${quoted(record.path)}`
  const details = Object.entries(record.arguments ?? {}).map(
    ([name, value]) => `${name} ${quoted(String(value), 64)}`,
  )
  const more = details.length === 0 ? '' : ` (${details.slice(0, 4).join(', ')})`
  return `${nameOf(process)} ${SYSTEM_VERBS[record.activity]}${whom}${file}${more}`
}
