import type { Clock, Logger } from '@vedette/base'
import type { CredentialDoor } from '@vedette/store'

/** What is revoked elsewhere takes effect within this. */
const LOOK_EVERY_MS = 500
/** Another server's clock may be behind ours, and its transaction may end after ours looked. */
const OVERLAP_MS = 60_000

export interface Revocation {
  readonly serial: string
  readonly revokedAt: number
}

/** Certificates that do not hold any more; looks every half second for new ones. */
export class Revocations implements AsyncDisposable {
  readonly #door: Pick<CredentialDoor, 'revocations'>
  readonly #clock: Clock
  readonly #log: Logger
  readonly #revoked = new Map<string, number>()
  readonly #listeners: ((serials: ReadonlySet<string>) => Promise<void>)[] = []
  readonly #timer: NodeJS.Timeout
  #since = 0
  #looking: Promise<void> | undefined

  constructor(door: Pick<CredentialDoor, 'revocations'>, clock: Clock, log: Logger) {
    this.#door = door
    this.#clock = clock
    this.#log = log
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref()
  }

  list(): Revocation[] {
    return [...this.#revoked].map(([serial, revokedAt]) => ({ serial, revokedAt }))
  }

  /** Told of those that are new. */
  onRevoked(listener: (serials: ReadonlySet<string>) => Promise<void>): void {
    this.#listeners.push(listener)
  }

  /** Looks now. Never rejects: a store that does not answer is asked again soon. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    try {
      const now = this.#clock.now()
      const found = await this.#door.revocations(this.#since, now)
      this.#since = Math.max(0, now - OVERLAP_MS)
      const fresh = found.filter(({ serial }) => !this.#revoked.has(serial))
      for (const { serial, revokedAt } of fresh) this.#revoked.set(serial, revokedAt)
      if (fresh.length === 0) return
      const serials = new Set(fresh.map(({ serial }) => serial))
      for (const listener of this.#listeners) await listener(serials)
    } catch (error) {
      this.#log.warn({ error }, 'revoked certificates could not be looked up')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }
}
