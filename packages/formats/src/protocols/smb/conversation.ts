import type { SmbFacts } from '@vedette/model'
import type { Contexts } from '../dcerpc/pdu.ts'

/** Requests that wait for their answers, shares, files and pipes that are remembered. */
const MOST_WAITING = 128
const MOST_TREES = 64
const MOST_FILES = 256

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }
export type Draft = Writable<SmbFacts>

export interface Tree {
  readonly share: string
  readonly type?: 'disk' | 'pipe' | 'print'
}

/** A file or pipe that is open, or was. */
export interface OpenFile {
  readonly name: string
  isRead: boolean
  isWritten: boolean
  /** Of a pipe: what was bound on it. */
  readonly contexts: Contexts
}

/** A request, until it is answered. */
export interface Request {
  readonly facts: Draft
  readonly file?: OpenFile
}

/** What both versions of the protocol remember of a connection. Bounded: the oldest are forgotten. */
export class Conversation {
  readonly #waiting = new Map<string, Request>()
  readonly #trees = new Map<number, Tree>()
  readonly #files = new Map<string, OpenFile>()
  dialect: string | undefined

  /** Undefined, or the request that is told without an answer because too many wait. */
  ask(key: string, request: Request): Request | undefined {
    const oldest = this.#waiting.size >= MOST_WAITING ? this.#waiting.keys().next().value : undefined
    const given = oldest === undefined ? undefined : this.#take(oldest)
    this.#waiting.set(key, request)
    return given
  }

  answered(key: string): Request | undefined {
    return this.#take(key)
  }

  /** The offer of SMB 1, where it waits. */
  negotiated(): Request | undefined {
    for (const [key, { facts }] of this.#waiting)
      if (facts.command === 'SMB1_COMMAND_NEGOTIATE_PROTOCOL') return this.#take(key)
    return undefined
  }

  /** Those that wait no longer: the connection is over. */
  left(): Request[] {
    const left = [...this.#waiting.values()]
    this.#waiting.clear()
    return left
  }

  tree(id: number): Tree | undefined {
    return this.#trees.get(id)
  }

  connected(id: number, tree: Tree): void {
    remember(this.#trees, id, tree, MOST_TREES)
  }

  file(id: string): OpenFile | undefined {
    return this.#files.get(id)
  }

  opened(id: string, name: string): OpenFile {
    const file: OpenFile = { name, isRead: false, isWritten: false, contexts: new Map() }
    remember(this.#files, id, file, MOST_FILES)
    return file
  }

  #take(key: string): Request | undefined {
    const request = this.#waiting.get(key)
    this.#waiting.delete(key)
    return request
  }
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key)
  if (map.size >= most) {
    const oldest = map.keys().next()
    if (!oldest.done) map.delete(oldest.value)
  }
  map.set(key, value)
}
