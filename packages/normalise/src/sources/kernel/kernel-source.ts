import {
  type Endpoint,
  type Event,
  type ExecRecord,
  type ExitRecord,
  type FileAccessRecord,
  type FileEvent,
  type KernelProtocolRecord,
  type KernelRecord,
  type NetworkEvent,
  type Process,
  type ProcessEntity,
  type ProcessEvent,
  protocolClass,
  type ProtocolEvent,
  type SocketEnd,
  type SocketRecord,
  systemClass,
  type SystemEvent,
  type SystemRecord,
} from '@vedette/model'
import { baseName, boundedText } from '../../bounded-text.ts'
import type { HashRequest } from '../../enrichers/executable-hash/executable-hash.ts'
import type { ProcessTree } from '../../enrichers/process-tree/process-tree.ts'
import type { EventFactory } from '../../event-factory.ts'
import { boundedFacts } from '../packet/bounded-facts.ts'
import { protocolMessage } from '../packet/words.ts'
import { Connections, type Direction } from './connections.ts'
import { launchDetail } from './launch-detail.ts'
import { factsOfExec, type ImageContext, imageOf } from './program-image.ts'
import { fileMessage, launchMessage, networkMessage, systemMessage, terminateMessage } from './words.ts'

const FILE_ACTIVITIES: Readonly<Record<FileAccessRecord['operation'], FileEvent['activity']>> = {
  create: 'create',
  read: 'read',
  write: 'update',
  delete: 'delete',
  rename: 'rename',
  attributes: 'set_attributes',
}

/** Turns what the kernel told into Events, and keeps the process tree by it. */
export class KernelSource {
  readonly #tree: ProcessTree
  readonly #events: EventFactory
  readonly #context: ImageContext
  readonly #connections = new Connections()

  constructor(tree: ProcessTree, events: EventFactory, context: ImageContext) {
    this.#tree = tree
    this.#events = events
    this.#context = context
  }

  /**
   * The Event of a record; undefined where it only changes the tree: forks, and programs that ran before the watch.
   *
   * @param onHash told of a launch whose executable's hash is still on its way
   */
  normalise(record: KernelRecord, onHash: (request: HashRequest) => void): Event | undefined {
    switch (record.type) {
      case 'fork':
        this.#tree.fork(record.process, record.parent, record.cloneFlags)
        return undefined
      case 'exec':
        return this.#exec(record, onHash)
      case 'exit':
        return this.#exit(record)
      case 'file':
        return this.#file(record)
      case 'system':
        return this.#system(record)
      case 'protocol':
        return this.#protocol(record)
      default:
        return this.#socket(record)
    }
  }

  #exec(record: ExecRecord, onHash: (request: HashRequest) => void): ProcessEvent | undefined {
    const image = imageOf(factsOfExec(record), this.#context)
    const node = this.#tree.exec(record.process, record.parent, image)
    if (record.snapshot) return undefined
    if (image.hash !== undefined && !image.hash.isSettled) onHash(image.hash)
    const process = { ...node.process(), ...launchDetail(record, node.cloneFlags) }
    return {
      ...this.#events.base(record.timeMs, record.source),
      kind: 'process',
      class_uid: 1007,
      activity: 'launch',
      process,
      message: launchMessage(process),
    }
  }

  #exit(record: ExitRecord): ProcessEvent {
    const process = this.#tree.exit(record.process).process()
    const { signal } = record
    const exitCode = signal === undefined ? record.exitCode : 128 + signal
    return {
      ...this.#events.base(record.timeMs, record.source),
      kind: 'process',
      class_uid: 1007,
      activity: 'terminate',
      process,
      ...(exitCode !== undefined && { exit_code: exitCode }),
      ...(record.durationMs !== undefined && { duration_ms: record.durationMs }),
      message: terminateMessage(process, exitCode, signal),
    }
  }

  #socket(record: SocketRecord): NetworkEvent {
    const process = this.#tree.find(record.process).process()
    const { activity, direction } = this.#activity(record)
    const local = endpointOf(record.local)
    const remote = record.remote === undefined ? undefined : endpointOf(record.remote)
    const src = direction === 'inbound' ? remote : direction === 'outbound' ? local : undefined
    const dst = direction === 'outbound' ? (remote ?? local) : local
    const { bytesIn, bytesOut, datagrams, socket, result } = record
    return {
      ...this.#events.base(record.timeMs, record.source),
      kind: 'network',
      class_uid: 4001,
      activity,
      protocol: record.protocol,
      direction,
      ...(src !== undefined && { src_endpoint: src }),
      dst_endpoint: dst,
      process,
      ...(bytesIn !== undefined &&
        bytesOut !== undefined && {
          traffic: {
            bytes_in: bytesIn,
            bytes_out: bytesOut,
            ...(datagrams !== undefined && { packets_out: datagrams }),
          },
        }),
      ...(socket !== undefined && { socket }),
      ...(result !== undefined && { result }),
      message: networkMessage(activity, process, src, dst, record),
    }
  }

  #activity(record: SocketRecord): {
    readonly activity: NetworkEvent['activity']
    readonly direction: Direction | 'none'
  } {
    switch (record.type) {
      case 'connect':
        this.#connections.opened(record, 'outbound')
        return { activity: 'open', direction: 'outbound' }
      case 'accept':
        this.#connections.opened(record, 'inbound')
        return { activity: 'accept', direction: 'inbound' }
      case 'listen':
      case 'bind':
      case 'raw':
        return { activity: record.type, direction: 'none' }
      case 'send':
        return { activity: 'send', direction: 'outbound' }
      default:
        return {
          activity: 'close',
          direction: record.remote === undefined ? 'none' : this.#connections.closed(record),
        }
    }
  }

  #protocol(record: KernelProtocolRecord): ProtocolEvent {
    const process = this.#tree.find(record.process).process()
    const event: ProtocolEvent = {
      ...this.#events.base(record.timeMs, record.source),
      kind: 'protocol',
      class_uid: protocolClass(record.name),
      protocol_name: record.name,
      transport: record.transport,
      src_endpoint: record.from,
      dst_endpoint: record.to,
      process,
      ...boundedFacts(record.facts),
    }
    return { ...event, message: protocolMessage(event, 'from') }
  }

  #system(record: SystemRecord): SystemEvent {
    const process = this.#actor(record)
    const target =
      record.target === undefined ? undefined : entityOf(this.#tree.find(record.target).process())
    const path = record.path === undefined ? undefined : boundedText(record.path)
    return {
      ...this.#events.base(record.timeMs, record.source),
      kind: 'system',
      class_uid: systemClass(record.activity),
      activity: record.activity,
      system_call: record.systemCall,
      ...(process !== undefined && { process }),
      ...(target !== undefined && { target_process: target }),
      ...(path !== undefined && {
        file: { path, name: baseName(path), ...(record.inode !== undefined && { inode: record.inode }) },
      }),
      ...(record.arguments !== undefined && { arguments: boundedArguments(record.arguments) }),
      message: systemMessage(record, process, target),
    }
  }

  /** Who acted; nobody where the source could not know. */
  #actor({ process }: KernelRecord): Process | undefined {
    return process.pid === 0 ? undefined : this.#tree.find(process).process()
  }

  #file(record: FileAccessRecord): FileEvent {
    const process = this.#actor(record)
    const activity = FILE_ACTIVITIES[record.operation]
    const path = boundedText(record.path)
    const newPath = record.newPath === undefined ? undefined : boundedText(record.newPath)
    return {
      ...this.#events.base(record.timeMs, record.source),
      kind: 'file',
      class_uid: 1001,
      activity,
      file: { path, name: baseName(path), ...(record.inode !== undefined && { inode: record.inode }) },
      ...(newPath !== undefined && { file_result: { path: newPath, name: baseName(newPath) } }),
      ...(process !== undefined && { process }),
      message: fileMessage(activity, process, path, newPath),
    }
  }
}

function endpointOf({ address, port }: SocketEnd): Endpoint {
  return { ip: boundedText(address, 64), port }
}

function entityOf({ uid, pid, name, path, cmd_line, user, created_time }: Process): ProcessEntity {
  return {
    uid,
    pid,
    name,
    ...(path !== undefined && { path }),
    ...(cmd_line !== undefined && { cmd_line }),
    ...(user !== undefined && { user }),
    ...(created_time !== undefined && { created_time }),
  }
}

function boundedArguments(
  given: NonNullable<SystemRecord['arguments']>,
): NonNullable<SystemEvent['arguments']> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' ? boundedText(value) : value,
    ]),
  )
}
