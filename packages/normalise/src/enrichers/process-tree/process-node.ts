import {
  type Container,
  type Fingerprint,
  type Process,
  type ProcessEntity,
  type ProcessUid,
  type Stream,
  type User,
} from '@vedette/model'
import type { HashRequest } from '../executable-hash/executable-hash.ts'

/** Longest command line of an ancestor. Its own event has the whole one. */
const MAX_ANCESTOR_COMMAND = 2048
/** As many ancestors as an Event may have. */
export const MAX_ANCESTRY = 32

/** What a process runs: everything about it that execve replaces. A fork shares it with its parent. */
export interface ProgramImage {
  readonly name: string
  readonly path?: string
  readonly commandLine?: string
  readonly user?: User
  readonly inode?: number
  /** No name leads to the file any more. */
  readonly deleted: boolean
  readonly workingDirectory?: string
  readonly container?: Container
  readonly cgroup?: string
  readonly auid?: number
  readonly euid?: number
  readonly streams?: readonly [Stream, Stream, Stream]
  /** The executable's hash, when it is there. */
  readonly hash?: HashRequest
}

/** Ancestors of the children of one process, parent first; shared by all of them. */
interface Lineage {
  /** The parent with its whole command line. */
  readonly parent: ProcessEntity
  readonly ancestry: readonly ProcessEntity[]
}

/**
 * One process, by pid and start. Its ancestors are those of the moment of its birth: they do not change when a parent
 * ends, is forgotten, or runs another program later, so a node holds on to no other node.
 */
export class ProcessNode {
  readonly pid: number
  readonly startTicks: number
  readonly uid: ProcessUid
  readonly #createdTime: number
  readonly #lineage: Lineage | undefined
  #image: ProgramImage
  #process: Process | undefined
  #hashed = false
  #forChildren: Lineage | undefined
  /** Asked for since eviction last came by: second chance, an approximation of least recently used. */
  used = false
  /** Flags of clone(2) that made it, where they are known and out of the ordinary. */
  cloneFlags: readonly string[] | undefined
  /** When its end was seen, on the monotonic clock; undefined while it runs. */
  endedAt: number | undefined
  /** An older process of the same pid, still remembered. */
  older: ProcessNode | undefined

  constructor(
    identity: { readonly pid: number; readonly startTicks: number; readonly uid: ProcessUid },
    createdTime: number,
    image: ProgramImage,
    lineage: Lineage | undefined,
  ) {
    this.pid = identity.pid
    this.startTicks = identity.startTicks
    this.uid = identity.uid
    this.#createdTime = createdTime
    this.#image = image
    this.#lineage = lineage
  }

  get image(): ProgramImage {
    return this.#image
  }

  get parent(): ProcessEntity | undefined {
    return this.#lineage?.parent
  }

  /** It runs another program from now on. */
  exec(image: ProgramImage): void {
    this.#image = image
    this.#process = undefined
    this.#forChildren = undefined
  }

  /** The process as an Event shows it: one object for all its events until it runs another program or its hash is ready. */
  process(): Process {
    const value = this.#image.hash?.value
    if (this.#process === undefined || (value !== undefined && !this.#hashed)) {
      this.#process = this.#build(value)
      this.#hashed = value !== undefined
    }
    return this.#process
  }

  /** Ancestors of a child that is born now. */
  lineage(): Lineage {
    if (this.#forChildren === undefined) {
      const parent = this.#entity(undefined)
      const ancestor = this.#entity(MAX_ANCESTOR_COMMAND)
      const above = this.#lineage?.ancestry ?? []
      this.#forChildren = {
        parent,
        ancestry: [ancestor, ...(above.length < MAX_ANCESTRY ? above : above.slice(0, MAX_ANCESTRY - 1))],
      }
    }
    return this.#forChildren
  }

  #entity(limit: number | undefined): ProcessEntity {
    const { name, path, commandLine, user } = this.#image
    return {
      uid: this.uid,
      pid: this.pid,
      name,
      ...(path !== undefined && { path }),
      ...(commandLine !== undefined && {
        cmd_line: limit === undefined ? commandLine : commandLine.slice(0, limit).toWellFormed(),
      }),
      ...(user !== undefined && { user }),
      created_time: this.#createdTime,
    }
  }

  #build(hash: string | undefined): Process {
    const image = this.#image
    return {
      uid: this.uid,
      pid: this.pid,
      name: image.name,
      ...(image.path !== undefined && { path: image.path }),
      ...(image.commandLine !== undefined && { cmd_line: image.commandLine }),
      ...(image.user !== undefined && { user: image.user }),
      created_time: this.#createdTime,
      ...(image.path !== undefined && {
        file: {
          path: image.path,
          name: image.name,
          ...(hash !== undefined && { hashes: [fingerprint(hash)] }),
          ...(image.inode !== undefined && { inode: image.inode }),
          ...(image.deleted && { is_deleted: true }),
        },
      }),
      ...(image.workingDirectory !== undefined && { working_directory: image.workingDirectory }),
      ...(this.#lineage !== undefined && {
        parent_process: this.#lineage.parent,
        ancestry: this.#lineage.ancestry,
      }),
      ...(image.container !== undefined && { container: image.container }),
      ...(image.cgroup !== undefined && { cgroup: image.cgroup }),
      ...(image.auid !== undefined && { auid: image.auid }),
      ...(image.euid !== undefined && { euid: image.euid }),
      ...(image.streams !== undefined && { streams: image.streams }),
    }
  }
}

function fingerprint(value: string): Fingerprint {
  return { algorithm: 'SHA-256', algorithm_id: 3, value }
}
