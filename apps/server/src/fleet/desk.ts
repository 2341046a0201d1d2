import type { Clock, Logger } from '@vedette/base'
import { MAX_CONTENT_PIECE, type AgentId, type AgentStanding, type TenantId } from '@vedette/model'
import type { StateStore } from '@vedette/store'
import type { Authority } from '../authority/authority.ts'
import type { Fleet } from '../agent/fleet.ts'
import { Signing } from './signing.ts'
import { TenantFleet } from './tenant-fleet.ts'

const LOOK_EVERY_MS = 1000

export interface FleetDeskOptions {
  readonly state: StateStore
  readonly fleet: Fleet
  readonly authority: Authority
  readonly clock: Clock
  readonly log: Logger
}

/** Steers the agents of all tenants that are connected: looks every second what is to be told them. */
export class FleetDesk implements AsyncDisposable {
  readonly #options: FleetDeskOptions
  readonly #signing: Signing
  readonly #tenants = new Map<TenantId, TenantFleet>()
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | undefined

  constructor(options: FleetDeskOptions) {
    this.#options = options
    this.#signing = new Signing(options.authority, options.clock)
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref()
  }

  of(tenant: TenantId): TenantFleet {
    const known = this.#tenants.get(tenant)
    if (known) return known
    const { state, fleet, clock, log } = this.#options
    const made = new TenantFleet({
      tenant,
      state: state.of(tenant),
      fleet,
      signer: () => this.#signing.current(),
      clock,
      log: log.child({ part: 'fleet' }),
    })
    this.#tenants.set(tenant, made)
    return made
  }

  stands(tenant: TenantId, agent: AgentId, standing: AgentStanding): Promise<void> {
    return this.of(tenant).stands(agent, standing)
  }

  /** The piece of a bundle that an agent asks for, Base64. */
  async piece(tenant: TenantId, sha256: string, offset: number): Promise<string> {
    return (await this.of(tenant).piece(sha256, offset, MAX_CONTENT_PIECE)).toString('base64')
  }

  /** Looks now. Never rejects: a store that does not answer is asked again soon. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    for (const tenant of new Set([...this.#options.fleet.tenants(), ...this.#tenants.keys()])) {
      try {
        await this.of(tenant).look()
      } catch (error) {
        this.#options.log.warn({ error, tenant }, 'agents could not be steered')
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }
}
