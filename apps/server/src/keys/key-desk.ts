import { join } from 'node:path'
import type { Logger } from '@vedette/base'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import type { StateStore } from '@vedette/store'
import { type Keyring, type KeyringStatus, resealFile } from '@vedette/store/keys'
import type { Audited } from '../access/audited.ts'

const DAY_MS = 86_400_000
const LOOK_EVERY_MS = 3_600_000
/** A batch is one transaction; so much is held at a time. */
const BATCH_ROWS = 100

/** Files of the server's home that are sealed. */
const FILES = ['service-key.pem', 'erasure-key.pem', 'authority/authority.pem']

export interface KeyDeskOptions {
  readonly ring: Keyring
  readonly state: StateStore
  readonly audited: Audited
  /** The server's own folder. */
  readonly home: string
  /** Data keys are made anew after so many days; 0 for never by themselves. */
  readonly rotateDays: number
  readonly log: Logger
}

/** The server's keys: how they are, new ones, and what is sealed anew with them while everything goes on. */
export class KeyDesk implements AsyncDisposable {
  readonly ring: Keyring
  readonly #options: KeyDeskOptions
  readonly #looking: NodeJS.Timeout
  #stopped = false
  #working: Promise<void> | undefined
  #again = false

  /** Begins with what a former process left half done. */
  constructor(options: KeyDeskOptions) {
    this.ring = options.ring
    this.#options = options
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS)
    this.#look()
    this.#reseal()
  }

  /** Nothing where there are no keys yet. */
  status(): KeyringStatus | undefined {
    return this.ring.status()
  }

  /** How many secrets are still sealed with a key that is not in use any more. */
  async pending(): Promise<number> {
    let sum = 0
    for (const tenant of await this.#tenants()) sum += await this.#options.state.of(tenant).secrets.pending()
    return sum
  }

  /** New data keys for what is sealed from now on. What was sealed before is sealed anew in the background. */
  rotate(): number {
    const made = this.ring.rotate()
    this.#reseal()
    return made
  }

  /**
   * A new master key in place of a generated one. Where the old one is kept.
   *
   * @throws {CodedError} `master-key-given` where it is not ours to make
   */
  rotateMaster(): string | undefined {
    return this.ring.rotateMaster()
  }

  /** Resolves once nothing is left that could be sealed anew. */
  async settled(): Promise<void> {
    await this.#working
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearInterval(this.#looking)
    await this.#working
  }

  #look(): void {
    const { audited, rotateDays, log } = this.#options
    const olderThanMs = rotateDays * DAY_MS
    if (rotateDays === 0 || this.ring.due(olderThanMs) === 0) return
    const act = { actor: 'server', action: 'keys.rotate', target: 'data keys', detail: { days: rotateDays } }
    audited
      .act(act, () => Promise.resolve(this.ring.rotate(olderThanMs)))
      .then(
        () => this.#reseal(),
        (error: unknown) => log.error({ error }, 'data keys could not be made anew'),
      )
  }

  /** One at a time; what comes meanwhile is seen to by another round. */
  #reseal(): void {
    if (this.#working !== undefined) {
      this.#again = true
      return
    }
    this.#working = this.#sealAnew()
      .catch((error: unknown) => this.#options.log.warn({ error }, 'secrets could not be sealed anew yet'))
      .finally(() => {
        this.#working = undefined
        if (!this.#again || this.#stopped) return
        this.#again = false
        this.#reseal()
      })
  }

  async #sealAnew(): Promise<void> {
    const { home, state, log } = this.#options
    let resealed = FILES.filter((name) => resealFile(this.ring, join(home, name))).length
    for (const tenant of await this.#tenants()) {
      for await (const batch of state.of(tenant).secrets.reseal(BATCH_ROWS)) {
        resealed += batch.resealed
        for (const place of batch.broken)
          log.error({ tenant, place }, 'a secret was altered and cannot be opened')
        if (this.#stopped) return
      }
    }
    if (resealed > 0) log.info({ resealed }, 'secrets were sealed anew')
  }

  async #tenants(): Promise<TenantId[]> {
    const { state } = this.#options
    const others = await state.credentials.organisations()
    const organisations = new Set<TenantId>([DEFAULT_TENANT, ...others.map(({ id }) => id)])
    const within = await Promise.all([...organisations].map((id) => state.of(id).tenants.list()))
    return [...organisations, ...within.flat().map(({ id }) => id)]
  }
}
