import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '@vedette/base'
import type { ExecutableHashConfig } from './config.ts'
import { type ExecutableName, locateExecutable, openQuietly, stateKey } from './open-executable.ts'

/** A hash that is there or on its way. */
export interface HashRequest {
  /** SHA-256, 64 lower-case hex digits; undefined as long as it is not known, and for good where it cannot be. */
  readonly value: string | undefined
  /** Resolves once nothing more will come. Never rejects. */
  readonly settled: Promise<void>
  readonly isSettled: boolean
}

export interface ExecutableHashCounters {
  /** Files that were read and hashed. */
  readonly hashed: number
  readonly hashed_bytes: number
  /** Answered from the cache. */
  readonly cached: number
  /** Left without: larger than allowed, gone, changed while it was read, or too many were waiting. */
  readonly skipped: number
}

const CHUNK_BYTES = 262_144
/** Files that are read at the same time. */
const READERS = 4

class Request implements HashRequest {
  value: string | undefined
  isSettled = false
  readonly settled: Promise<void>
  readonly name: ExecutableName
  readonly #resolve: () => void

  constructor(name: ExecutableName) {
    this.name = name
    const { promise, resolve } = Promise.withResolvers<void>()
    this.settled = promise
    this.#resolve = resolve
  }

  settle(value: string | undefined): void {
    this.value = value
    this.isSettled = true
    this.#resolve()
  }
}

/**
 * SHA-256 of the files that processes run, remembered by device, inode, change time and size. Reads are asynchronous
 * and within a budget of bytes a second, so that a large or a strange program cannot stop the watch.
 */
export class ExecutableHasher {
  readonly #config: ExecutableHashConfig
  readonly #clock: Clock
  /** By state of the file; the least recently used first. */
  readonly #cache = new Map<string, string>()
  /** Requests of which the file is not looked at yet, by what they name: one look serves all of a batch. */
  readonly #fresh = new Map<string, Request>()
  readonly #waiting: { readonly request: Request; readonly path: string; readonly key: string }[] = []
  readonly #stop = new AbortController()
  #reading = 0
  #allowance: number
  #allowanceAt: number
  #hashed = 0
  #hashedBytes = 0
  #cached = 0
  #skipped = 0

  constructor(config: ExecutableHashConfig, clock: Clock) {
    this.#config = config
    this.#clock = clock
    this.#allowance = config.bytes_per_second
    this.#allowanceAt = clock.monotonic()
  }

  counters(): ExecutableHashCounters {
    return {
      hashed: this.#hashed,
      hashed_bytes: this.#hashedBytes,
      cached: this.#cached,
      skipped: this.#skipped,
    }
  }

  /** Asks for a hash. The answer may take a while, and may never come. */
  request(name: ExecutableName): HashRequest {
    // To ask for the state anew takes a thread, which costs more than all else that an exec brings.
    const known = name.state === undefined ? undefined : this.#remembered(name.state)
    if (known !== undefined) {
      this.#cached += 1
      const answered = new Request(name)
      answered.settle(known)
      return answered
    }
    const key = name.inode === undefined ? `${name.pid} ${name.path}` : `${name.inode} ${name.path}`
    const present = this.#fresh.get(key)
    if (present) return present
    const request = new Request(name)
    if (this.#fresh.size >= this.#config.max_waiting || this.#stop.signal.aborted) {
      this.#skip(request)
      return request
    }
    this.#fresh.set(key, request)
    void this.#look(request, key)
    return request
  }

  /** Stops reading; what is on its way is left without a hash. */
  close(): void {
    this.#stop.abort()
    for (const { request } of this.#waiting.splice(0)) this.#skip(request)
  }

  async #look(request: Request, key: string): Promise<void> {
    const found = await locateExecutable(request.name).catch(() => undefined)
    // Later requests look for themselves: the file may be another by then.
    this.#fresh.delete(key)
    if (found === undefined || found.stats.size > this.#config.max_file_bytes || this.#stop.signal.aborted) {
      this.#skip(request)
      return
    }
    const state = stateKey(found.stats)
    const cached = this.#remembered(state)
    if (cached !== undefined) {
      this.#cached += 1
      request.settle(cached)
      return
    }
    this.#waiting.push({ request, path: found.path, key: state })
    const tooOld = this.#waiting.length > this.#config.max_waiting ? this.#waiting.shift() : undefined
    if (tooOld) this.#skip(tooOld.request)
    if (this.#reading < READERS) void this.#read()
  }

  async #read(): Promise<void> {
    this.#reading += 1
    // The newest first: an Event is waiting for it.
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      const value = await this.#hash(next.path, next.key).catch(() => undefined)
      if (value === undefined) this.#skip(next.request)
      else next.request.settle(value)
    }
    this.#reading -= 1
  }

  async #hash(path: string, key: string): Promise<string | undefined> {
    const cached = this.#remembered(key)
    if (cached !== undefined) {
      this.#cached += 1
      return cached
    }
    await using file = await openQuietly(path)
    const before = await file.stat({ bigint: true })
    // Since the look the process may have gone on to another program, or somebody may have written to the file.
    if (stateKey(before) !== key) return undefined
    const hash = createHash('sha256')
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Number(before.size) + 1))
    let size = 0
    for (;;) {
      await this.#afford(chunk.length)
      if (this.#stop.signal.aborted) return undefined
      const { bytesRead } = await file.read(chunk, 0, chunk.length, size)
      if (bytesRead === 0) break
      hash.update(chunk.subarray(0, bytesRead))
      size += bytesRead
      if (size > before.size) return undefined
    }
    if (stateKey(await file.stat({ bigint: true })) !== key || BigInt(size) !== before.size) return undefined
    const value = hash.digest('hex')
    this.#hashed += 1
    this.#hashedBytes += size
    this.#remember(key, value)
    return value
  }

  /** Waits until that many bytes fit into the budget. */
  async #afford(bytes: number): Promise<void> {
    const perSecond = this.#config.bytes_per_second
    const most = Math.max(perSecond, CHUNK_BYTES)
    for (;;) {
      const now = this.#clock.monotonic()
      this.#allowance = Math.min(most, this.#allowance + ((now - this.#allowanceAt) / 1000) * perSecond)
      this.#allowanceAt = now
      if (this.#allowance >= bytes || this.#stop.signal.aborted) {
        this.#allowance -= bytes
        return
      }
      const waitMs = ((bytes - this.#allowance) / perSecond) * 1000
      await delay(Math.max(1, waitMs), undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  #remembered(key: string): string | undefined {
    const value = this.#cache.get(key)
    if (value !== undefined) {
      this.#cache.delete(key)
      this.#cache.set(key, value)
    }
    return value
  }

  #remember(key: string, value: string): void {
    this.#cache.set(key, value)
    if (this.#cache.size <= this.#config.max_files) return
    const oldest = this.#cache.keys().next()
    if (!oldest.done) this.#cache.delete(oldest.value)
  }

  #skip(request: Request): void {
    this.#skipped += 1
    request.settle(undefined)
  }
}
