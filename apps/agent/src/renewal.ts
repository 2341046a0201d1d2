import type { Clock, Logger } from '@vedette/base'
import { newKey } from './certificate-request.ts'
import { renewIdentity } from './enrol.ts'
import { expiryOf, type Identity, writeIdentity } from './identity.ts'

/** A try that failed is followed by another so much later, at most. */
const RETRY_MS = 60_000
/** What is left of a certificate's time when it is renewed. */
const LEFT = 1 / 3
const LOOK_EVERY_MS = 60_000

export interface RenewalOptions {
  readonly file: string
  readonly clock: Clock
  readonly log: Logger
  /** Told once the new one is on disk. */
  readonly onRenewed: (identity: Identity) => void
}

/** Renews the agent's certificate, with a new key, while it runs. A clock that jumps is noticed within a minute. */
export class Renewal implements Disposable {
  readonly #options: RenewalOptions
  #identity: Identity
  #timer: NodeJS.Timeout | undefined
  #disposed = false
  #triedMs = -Infinity

  constructor(identity: Identity, options: RenewalOptions) {
    this.#identity = identity
    this.#options = options
    this.#wait()
  }

  /** Tries now, though not twice within a minute: an agent that was moved gets another certificate so. */
  soon(): void {
    if (this.#disposed || this.#options.clock.monotonic() - this.#triedMs < RETRY_MS) return
    clearTimeout(this.#timer)
    void this.#look(0)
  }

  #wait(atLeastMs = 0): void {
    if (this.#disposed) return
    const ends = expiryOf(this.#identity)
    const due = ends - (ends - this.#identity.obtained_at) * LEFT
    const inMs = Math.min(Math.max(due - this.#options.clock.now(), atLeastMs), LOOK_EVERY_MS)
    this.#timer = setTimeout(() => void this.#look(due), inMs).unref()
  }

  async #look(due: number): Promise<void> {
    const { clock, log, file, onRenewed } = this.#options
    if (clock.now() < due) return this.#wait()
    this.#triedMs = clock.monotonic()
    try {
      const next = await renewIdentity(this.#identity, newKey(), clock.now())
      await writeIdentity(file, next)
      this.#identity = next
      log.info({ expires: new Date(expiryOf(next)).toISOString() }, 'certificate was renewed')
      onRenewed(next)
      this.#wait()
    } catch (error) {
      log.warn({ error }, 'certificate could not be renewed yet')
      this.#wait(RETRY_MS)
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    clearTimeout(this.#timer)
  }
}
