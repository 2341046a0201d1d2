import type { Clock } from '@vedette/base'
import { processUid, type ProcessIdentity } from '@vedette/model'
import type { ProcessTreeConfig } from './config.ts'
import { ProcessNode, type ProgramImage } from './process-node.ts'

/** A running process as /proc shows it: what the tree needs of it. */
export interface ProcessReading {
  readonly pid: number
  readonly ppid: number
  readonly startTicks: number
  readonly image: ProgramImage
}

/** Where processes that no record announced are looked up. */
export interface ProcessReader {
  /** All processes that run now. */
  list(): readonly number[]
  /** One of them; undefined when it is gone. */
  read(pid: number): ProcessReading | undefined
}

export interface ProcessTreeOptions {
  readonly bootId: string
  /** When the machine booted, milliseconds since the epoch. */
  readonly bootTimeMs: number
  readonly clock: Clock
  readonly config: ProcessTreeConfig
  readonly reader: ProcessReader
}

export interface ProcessTreeCounters {
  readonly size: number
  /** Forgotten before their time, for want of room. */
  readonly evicted: number
  /** Looked up in /proc, since no record had announced them. */
  readonly looked_up: number
  /** Not known and not in /proc any more: their events name only the pid. */
  readonly unknown: number
}

const UNKNOWN: ProgramImage = { name: '', deleted: false }
/** Clock ticks of field 22 of /proc/PID/stat last this long (proc(5); USER_HZ is 100 on every Linux that we run on). */
const TICK_MS = 10
/** How far a chain of unknown parents is followed up through /proc. */
const MAX_CLIMB = 64

/**
 * The processes of this machine: who runs what and who started whom, kept by fork, exec and exit records, filled from
 * /proc where a record is missing. Ended processes are remembered for a while, so that late records find them.
 */
export class ProcessTree {
  readonly #options: ProcessTreeOptions
  readonly #nodes = new Map<number, ProcessNode>()
  /** Ended ones, in the order of their end; from `#firstEnded` on. */
  #ended: ProcessNode[] = []
  #firstEnded = 0
  #size = 0
  #evicted = 0
  #lookedUp = 0
  #unknown = 0

  constructor(options: ProcessTreeOptions) {
    this.#options = options
  }

  counters(): ProcessTreeCounters {
    return { size: this.#size, evicted: this.#evicted, looked_up: this.#lookedUp, unknown: this.#unknown }
  }

  /** Takes in every process that runs now. */
  seed(): void {
    for (const pid of this.#options.reader.list()) {
      if (this.#nodes.has(pid)) continue
      const reading = this.#options.reader.read(pid)
      if (reading) this.#take(reading, 0)
    }
  }

  /** The process, known, looked up in /proc, or as a last resort by its pid alone. */
  find(identity: ProcessIdentity): ProcessNode {
    return this.known(identity) ?? this.#lookUp(identity) ?? this.#addUnknown(identity)
  }

  /** The process if the tree has it. */
  known(identity: ProcessIdentity): ProcessNode | undefined {
    let node = this.#nodes.get(identity.pid)
    while (node !== undefined && node.startTicks !== identity.startTicks) node = node.older
    if (node !== undefined) node.used = true
    return node
  }

  /** @param cloneFlags of those that are out of the ordinary, by name */
  fork(child: ProcessIdentity, parent: ProcessIdentity, cloneFlags?: readonly string[]): void {
    // Its exec may have been seen first, where two sources run side by side.
    let node = this.known(child)
    if (node === undefined) {
      const from = parent.pid > 0 ? this.find(parent) : undefined
      node = this.#add(child.pid, child.startTicks, from?.image ?? UNKNOWN, from)
    }
    node.cloneFlags = cloneFlags
  }

  exec(process: ProcessIdentity, parent: ProcessIdentity, image: ProgramImage): ProcessNode {
    const node = this.known(process)
    if (node === undefined) {
      const from = parent.pid > 0 ? this.find(parent) : undefined
      return this.#add(process.pid, process.startTicks, image, from)
    }
    node.exec(image)
    return node
  }

  /** Marks its end; it stays known for the time of grace. */
  exit(process: ProcessIdentity): ProcessNode {
    const node = this.find(process)
    this.#end(node)
    return node
  }

  /** Forgets what ended longer ago than the time of grace. Called once a batch. */
  forget(): void {
    const before = this.#options.clock.monotonic() - this.#options.config.grace_ms
    while (this.#firstEnded < this.#ended.length) {
      const node = this.#ended[this.#firstEnded]
      if (node === undefined || (node.endedAt ?? 0) > before) break
      this.#remove(node)
      this.#firstEnded += 1
    }
    if (this.#firstEnded > 1024 && this.#firstEnded * 2 > this.#ended.length) {
      this.#ended = this.#ended.slice(this.#firstEnded)
      this.#firstEnded = 0
    }
  }

  #lookUp(identity: ProcessIdentity): ProcessNode | undefined {
    const reading = this.#options.reader.read(identity.pid)
    // Another start: the pid belongs to somebody else by now.
    if (reading === undefined || reading.startTicks !== identity.startTicks) return undefined
    this.#lookedUp += 1
    return this.#take(reading, 0)
  }

  #take(reading: ProcessReading, depth: number): ProcessNode {
    const parent = this.#parentOf(reading, depth)
    // Its own parents may have led to it: what we read was not of one moment.
    return this.known(reading) ?? this.#add(reading.pid, reading.startTicks, reading.image, parent)
  }

  #parentOf(reading: ProcessReading, depth: number): ProcessNode | undefined {
    if (reading.ppid <= 0 || depth > MAX_CLIMB) return undefined
    const node = this.#nodes.get(reading.ppid)
    if (node !== undefined && node.endedAt === undefined && node.startTicks <= reading.startTicks) return node
    const parent = this.#options.reader.read(reading.ppid)
    // A parent is older than its child; anything else is a pid used again while we read.
    if (parent === undefined || parent.startTicks > reading.startTicks) return undefined
    return this.known(parent) ?? this.#take(parent, depth + 1)
  }

  #addUnknown(identity: ProcessIdentity): ProcessNode {
    this.#unknown += 1
    return this.#add(identity.pid, identity.startTicks, UNKNOWN, undefined)
  }

  #add(pid: number, startTicks: number, image: ProgramImage, parent: ProcessNode | undefined): ProcessNode {
    const { bootId, bootTimeMs, config } = this.#options
    const uid = processUid(bootId, pid, startTicks)
    const createdTime = Math.round(bootTimeMs + startTicks * TICK_MS)
    const node = new ProcessNode({ pid, startTicks, uid }, createdTime, image, parent?.lineage())
    const present = this.#nodes.get(pid)
    if (present !== undefined && present.startTicks > startTicks) {
      // A late record about somebody who had this pid before.
      node.older = present.older
      present.older = node
    } else {
      node.older = present
      this.#nodes.set(pid, node)
      // It has the pid now, so the one before is gone, whether or not its end was seen.
      if (present !== undefined) this.#end(present)
    }
    this.#size += 1
    if (this.#size > config.max_processes) this.#makeRoom(node)
    if (this.#nodes.get(pid) !== node) this.#end(node)
    return node
  }

  #end(node: ProcessNode): void {
    if (node.endedAt !== undefined) return
    node.endedAt = this.#options.clock.monotonic()
    this.#ended.push(node)
  }

  #remove(node: ProcessNode): boolean {
    let at = this.#nodes.get(node.pid)
    if (at === node) {
      if (node.older === undefined) this.#nodes.delete(node.pid)
      else this.#nodes.set(node.pid, node.older)
    } else {
      while (at !== undefined && at.older !== node) at = at.older
      if (at === undefined) return false
      at.older = node.older
    }
    node.older = undefined
    this.#size -= 1
    return true
  }

  /** Evicts one process: the first that ended, else one that was not asked for since the last round. */
  #makeRoom(newest: ProcessNode): void {
    while (this.#firstEnded < this.#ended.length) {
      const node = this.#ended[this.#firstEnded]
      this.#firstEnded += 1
      if (node !== undefined && node !== newest && this.#remove(node)) {
        this.#evicted += 1
        return
      }
    }
    for (const [pid, node] of this.#nodes) {
      if (node === newest) continue
      if (!node.used) {
        this.#remove(node)
        this.#evicted += 1
        return
      }
      // To the end of the map's order, without its mark. Visited again at the latest in the second round.
      node.used = false
      this.#nodes.delete(pid)
      this.#nodes.set(pid, node)
    }
  }
}
