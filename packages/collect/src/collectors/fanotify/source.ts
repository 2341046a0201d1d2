import { existsSync } from 'node:fs'
import {
  closeDescriptor,
  Fanotify,
  type FanotifyEvent,
  fanotifyMask,
  isDescriptorAlive,
  pathOfHandle,
} from '@vedette/linux'
import type { FileAccessRecord, ProcessIdentity } from '@vedette/model'
import { type Emit, everySoOften, type Source } from '../../kernel/source.ts'
import { Actors } from './actors.ts'
import type { FanotifyConfig } from './config.ts'
import { Places } from './places.ts'

type Operation = FileAccessRecord['operation']

const m = fanotifyMask
/** One process that goes on changing, or reading, one file is told again after so long. */
const AGAIN_MS = 1000
const MOST_TOLD = 8192

/** Access to watched files, with the process that acted, from the kernel's file notification. */
export class FanotifySource implements Source {
  readonly #config: FanotifyConfig
  readonly #group: Fanotify
  readonly #actors: Actors
  readonly #places: Places
  /** Process, file and whether it is read -> when that was told. */
  readonly #told = new Map<string, number>()
  /** Files that a look into a new folder told, of which an event may follow. */
  readonly #found = new Set<string>()

  constructor(config: FanotifyConfig) {
    this.#config = config
    this.#group = Fanotify.toNotify()
    try {
      this.#places = new Places(this.#group)
      for (const path of config.watch_paths) this.#places.add(path, false)
      for (const path of config.watch_reads) this.#places.add(path, true)
      this.#actors = new Actors(config.buffer_bytes)
    } catch (error) {
      this.#group[Symbol.dispose]()
      throw error
    }
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    const follow = async () => {
      while (await this.#group.waitReadable(signal)) this.#take(emit)
    }
    const catchUp = async () => {
      while (await this.#actors.waitReadable(signal)) this.#actors.catchUp()
    }
    const lookAgain = () => {
      this.#places.refresh()
      this.#found.clear()
    }
    await Promise.all([follow(), catchUp(), everySoOften(this.#config.look_again_ms, lookAgain, signal)])
    this.#take(emit)
  }

  watch(path: string): Disposable {
    return this.#places.add(path, true)
  }

  [Symbol.dispose](): void {
    this.#group[Symbol.dispose]()
    this.#places[Symbol.dispose]()
    this.#actors[Symbol.dispose]()
  }

  #take(emit: Emit): void {
    for (let events = this.#group.take(); events.length > 0; events = this.#group.take()) {
      this.#actors.catchUp()
      const records: FileAccessRecord[] = []
      let lost = 0
      for (const event of events) {
        try {
          // How many the kernel threw away it does not say: at least one.
          if ((event.mask & m.overflow) !== 0) lost += 1
          else this.#tell(event, records)
        } finally {
          if (event.pidfd >= 0) closeDescriptor(event.pidfd)
        }
      }
      if (records.length > 0 || lost > 0) emit(records, lost, 'file')
      if (lost > 0) this.#places.refresh()
    }
  }

  #tell(event: FanotifyEvent, to: FileAccessRecord[]): void {
    if (this.#config.ignore_self && event.pid === process.pid) return
    let actor: ProcessIdentity | undefined
    const tell = (operation: Operation, path: string, newPath?: string) => {
      actor ??= this.#actors.find(event.pid, () => isDescriptorAlive(event.pidfd))
      const timeMs = Date.now()
      to.push({
        type: 'file',
        source: 'fanotify',
        timeMs,
        process: actor,
        operation,
        path,
        ...(newPath === undefined ? undefined : { newPath }),
      })
    }
    if ((event.mask & m.rename) !== 0) this.#renamed(event, tell)
    else this.#accessed(event, tell)
    if ((event.mask & m.onFolder) !== 0) this.#entered(event, tell)
  }

  #renamed(
    { from, to }: FanotifyEvent,
    tell: (operation: Operation, path: string, newPath?: string) => void,
  ): void {
    const before = from && this.#places.pathOf(from.folder, from.name)
    const after = to && this.#places.pathOf(to.folder, to.name)
    // Of a folder that is not watched the kernel tells the name only where the other one is of the same group.
    const whole = from && to && (before ?? after) !== undefined
    if (whole) tell('rename', before ?? this.#anywhere(from), after ?? this.#anywhere(to))
    else if (before !== undefined) tell('delete', before)
    else if (after !== undefined) tell('create', after)
    if (to) this.#places.meet(to.folder, to.name)
  }

  #anywhere({ folder, name }: NonNullable<FanotifyEvent['place']>): string {
    const mount = this.#places.mountOf(folder)
    const path = mount === undefined ? undefined : pathOfHandle(folder, mount)
    return path === undefined ? name : `${path === '/' ? '' : path}/${name}`
  }

  #accessed(
    { mask, pid, place, file }: FanotifyEvent,
    tell: (operation: Operation, path: string) => void,
  ): void {
    const path =
      (place && this.#places.pathOf(place.folder, place.name)) ??
      (file === undefined ? undefined : this.#places.pathOfFile(file))
    if (path === undefined) return
    const isFolder = (mask & m.onFolder) !== 0
    // The order within one mask is lost: it is told as a file lives, or as one that was made anew.
    const isAnew = (mask & m.create) !== 0 && (mask & m.delete) !== 0 && existsSync(path)
    if (isAnew) tell('delete', path)
    if ((mask & m.create) !== 0 && !this.#found.delete(path)) tell('create', path)
    if ((mask & m.create) !== 0 && place) this.#places.meet(place.folder, place.name)
    if (this.#isNew(mask, m.modify, m.closeWrite, `${pid} w ${path}`)) tell('write', path)
    if (!isFolder && this.#isNew(mask, m.access | m.openExec, m.closeRead, `${pid} r ${path}`))
      tell('read', path)
    if ((mask & m.attributes) !== 0) tell('attributes', path)
    if ((mask & m.delete) !== 0 && !isAnew) tell('delete', path)
  }

  /** A folder in a watched one: what was put into it before it was marked has no events. */
  #entered({ mask, place, to }: FanotifyEvent, tell: (operation: Operation, path: string) => void): void {
    const at = (mask & m.create) !== 0 ? place : to
    if (at === undefined) return
    for (const path of this.#places.enter(at.folder, at.name)) {
      // What was moved here with its folder is not new.
      if ((mask & m.create) === 0 || this.#found.has(path)) continue
      this.#found.add(path)
      tell('create', path)
    }
  }

  /**
   * Whether what goes on in one file is to be told: at the first call of the many, and at the end where none was told.
   */
  #isNew(mask: number, going: number, end: number, key: string): boolean {
    if ((mask & (going | end)) === 0) return false
    const nowMs = performance.now()
    const toldMs = this.#told.get(key)
    const isOver = (mask & end) !== 0
    if (isOver) this.#told.delete(key)
    if (toldMs !== undefined && (isOver || nowMs - toldMs < AGAIN_MS)) return false
    if (isOver) return true
    this.#told.set(key, nowMs)
    if (this.#told.size > MOST_TOLD) {
      const [oldest] = this.#told.keys()
      if (oldest !== undefined) this.#told.delete(oldest)
    }
    return true
  }
}
