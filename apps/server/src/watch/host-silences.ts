import { createHash } from 'node:crypto'
import type { Clock, Logger } from '@vedette/base'
import type { Intake } from '@vedette/manager'
import { type AgentId, DEFAULT_TENANT, type TenantId } from '@vedette/model'
import type { KeptFile, StateStore } from '@vedette/store'
import type { Fleet } from '../agent/fleet.ts'
import { HostSilence } from './host-silence.ts'

export interface HostSilencesOptions {
  readonly state: Pick<StateStore, 'of'>
  readonly fleet: Pick<Fleet, 'isReporting'>
  readonly intake: Pick<Intake, 'receive'>
  /** A file of that name in the server's own folder. */
  readonly file: (name: string) => KeptFile
  readonly clock: Clock
  readonly log: Logger
}

/** Notices the hosts of every tenant that tell nothing any more. */
export class HostSilences implements AsyncDisposable {
  readonly #options: HostSilencesOptions
  readonly #tenants = new Map<TenantId, Promise<HostSilence>>()

  private constructor(options: HostSilencesOptions) {
    this.#options = options
  }

  /** With the hosts of all tenants that are known; those of another from the first that is heard of. */
  static async open(options: HostSilencesOptions): Promise<HostSilences> {
    const silences = new HostSilences(options)
    const others = await options.state.of(DEFAULT_TENANT).tenants.list()
    await Promise.all([DEFAULT_TENANT, ...others.map(({ id }) => id)].map((tenant) => silences.#of(tenant)))
    return silences
  }

  /** A host told of itself; from now on its silence is noticed. */
  heard(tenant: TenantId, agent: AgentId, hostname: string): void {
    void this.#with(tenant, (silence) => silence.heard(agent, hostname))
  }

  /** Another host came with this agent's identity. Never rejects. */
  async cloned(tenant: TenantId, agent: AgentId, detail: string): Promise<void> {
    await this.#with(tenant, (silence) => silence.cloned(agent, detail))
  }

  /** It was removed: from now on its silence is as it should be. */
  forget(tenant: TenantId, agent: AgentId): void {
    void this.#with(tenant, (silence) => silence.forget(agent))
  }

  /** Looks now; resolves once what was found is told. */
  async look(): Promise<void> {
    for (const opened of this.#tenants.values()) await (await opened).look()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = await Promise.allSettled(this.#tenants.values())
    for (const one of all) if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]()
  }

  #with(tenant: TenantId, work: (silence: HostSilence) => void | Promise<void>): Promise<void> {
    return this.#of(tenant)
      .then(work)
      .catch((error: unknown) =>
        this.#options.log.warn({ error, tenant }, 'silent hosts of a tenant cannot be noticed yet'),
      )
  }

  #of(tenant: TenantId): Promise<HostSilence> {
    const known = this.#tenants.get(tenant)
    if (known) return known
    const { state, fleet, intake, file, clock, log } = this.#options
    const opened = HostSilence.open({
      tenant,
      hosts: state.of(tenant).hosts,
      fleet,
      intake,
      file: file(fileOf(tenant)),
      clock,
      log,
    })
    this.#tenants.set(tenant, opened)
    // A store that does not answer is asked again with the next report.
    opened.catch(() => this.#tenants.delete(tenant))
    return opened
  }
}

function fileOf(tenant: TenantId): string {
  if (tenant === DEFAULT_TENANT) return 'silent-hosts.json'
  return `silent-hosts-${createHash('sha256').update(tenant).digest('hex').slice(0, 16)}.json`
}
