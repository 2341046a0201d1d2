import type { Logger } from '@vedette/base'

/** Longest list of paths that are watched for a while. */
const MOST = 256

/** Paths that are watched until their lease ends. The same path asked for again only gets a new end. */
export class WatchLeases implements AsyncDisposable {
  readonly #watch: (path: string) => Promise<AsyncDisposable>
  readonly #log: Logger
  readonly #leases = new Map<string, { readonly watch: AsyncDisposable; timer: NodeJS.Timeout }>()
  #last: Promise<void> = Promise.resolve()

  constructor(watch: (path: string) => Promise<AsyncDisposable>, log: Logger) {
    this.#watch = watch
    this.#log = log
  }

  /** Paths that are watched now. */
  get size(): number {
    return this.#leases.size
  }

  /** Watches a path from now on. One after the other, so that two orders for one path do not make two watches. */
  add(path: string, leaseMs: number): Promise<void> {
    this.#last = this.#last.then(() => this.#add(path, leaseMs))
    return this.#last
  }

  async #add(path: string, leaseMs: number): Promise<void> {
    const timer = setTimeout(() => void this.#end(path), leaseMs).unref()
    const held = this.#leases.get(path)
    if (held) {
      clearTimeout(held.timer)
      held.timer = timer
      return
    }
    try {
      if (this.#leases.size >= MOST) throw new RangeError(`${MOST} paths are watched already`)
      this.#leases.set(path, { watch: await this.#watch(path), timer })
    } catch (error) {
      clearTimeout(timer)
      this.#log.warn({ path, error }, 'a path cannot be watched')
    }
  }

  async #end(path: string): Promise<void> {
    const lease = this.#leases.get(path)
    this.#leases.delete(path)
    clearTimeout(lease?.timer)
    await lease?.watch[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    for (const path of this.#leases.keys()) await this.#end(path)
  }
}
