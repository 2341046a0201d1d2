import type { Clock } from '@vedette/base'
import type {
  AgentId,
  ResponseId,
  ResponseRequest,
  ResponseResult,
  ServerMessage,
  TenantId,
} from '@vedette/model'
import { PublicError } from '../access/public-error.ts'

/** Agents report every 10 s, and answer a ping every 10 s. Who is not heard of is told to be silent within two reports' time. */
export const REPORT_EVERY_MS = 10_000
export const SILENT_AFTER_MS = 2 * REPORT_EVERY_MS - 3000

/** The open connection of an agent. */
export interface AgentLink {
  readonly tenant: TenantId
  readonly agent: AgentId
  /** It is not read since too much of it is under way: its silence is our own doing. */
  readonly isHeldBack: boolean
  /** Of the protocol, as agreed; 0 before it is. */
  readonly version: number
  send(message: ServerMessage): void
  /** Ends it because another one took its place. */
  replace(): void
  /** Ends it for good: the agent was removed. */
  remove(): void
}

interface Waiting {
  readonly link: AgentLink
  readonly resolve: (result: ResponseResult) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** Requests to one agent that may wait for their answers at a time. */
const MAX_WAITING = 100

/** The agents that are connected now. */
export class Fleet {
  readonly #clock: Clock
  readonly #links = new Map<string, { link: AgentLink; heardAt: number }>()
  readonly #waiting = new Map<ResponseId, Waiting>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#links.size
  }

  /** Tenants with a connected agent. */
  tenants(): ReadonlySet<TenantId> {
    return new Set([...this.#links.values()].map(({ link }) => link.tenant))
  }

  /** The protocol that is spoken with an agent; undefined where it is not connected. */
  versionOf(tenant: TenantId, agent: AgentId): number | undefined {
    return this.#links.get(keyOf(tenant, agent))?.link.version
  }

  linksOf(tenant: TenantId): AgentLink[] {
    return [...this.#links.values()].flatMap(({ link }) => (link.tenant === tenant ? [link] : []))
  }

  /** Takes a new connection in. True when it replaced another of the same agent, which is then ended. */
  join(link: AgentLink): boolean {
    const key = keyOf(link.tenant, link.agent)
    const before = this.#links.get(key)
    this.#links.set(key, { link, heardAt: this.#clock.monotonic() })
    if (!before) return false
    this.#forget(before.link)
    before.link.replace()
    return true
  }

  leave(link: AgentLink): void {
    const key = keyOf(link.tenant, link.agent)
    if (this.#links.get(key)?.link === link) this.#links.delete(key)
    this.#forget(link)
  }

  /** Ends the connection of an agent that was removed. */
  end(tenant: TenantId, agent: AgentId): void {
    this.#links.get(keyOf(tenant, agent))?.link.remove()
  }

  /** Something came from it. */
  heard(link: AgentLink): void {
    const entry = this.#links.get(keyOf(link.tenant, link.agent))
    if (entry?.link === link) entry.heardAt = this.#clock.monotonic()
  }

  isReporting(tenant: TenantId, agent: AgentId): boolean {
    const entry = this.#links.get(keyOf(tenant, agent))
    if (entry === undefined) return false
    return entry.link.isHeldBack || this.#clock.monotonic() - entry.heardAt <= SILENT_AFTER_MS
  }

  /**
   * Asks an agent for a response and waits for what it says.
   *
   * @throws {PublicError} `host-silent` (not connected, nothing was sent), `busy`, `no-answer` (it may still act)
   */
  async respond(
    tenant: TenantId,
    agent: AgentId,
    request: ResponseRequest,
    timeoutMs: number,
  ): Promise<ResponseResult> {
    const link = this.#linkOf(tenant, agent)
    if (this.#waitingOn(link) >= MAX_WAITING) {
      throw new PublicError('busy', 'Too many requests wait for this host')
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(request.id)
        reject(
          new PublicError(
            'no-answer',
            `The agent did not answer within ${timeoutMs / 1000} s; it may still act`,
          ),
        )
      }, timeoutMs)
      this.#waiting.set(request.id, { link, resolve, reject, timer })
      link.send({ type: 'respond', request })
    })
  }

  /**
   * Has an agent watch a path for a time.
   *
   * @throws {PublicError} `host-silent`
   */
  watch(tenant: TenantId, agent: AgentId, path: string, leaseMs: number, actor: string): void {
    this.#linkOf(tenant, agent).send({ type: 'watch', path, leaseMs, actor })
  }

  /** An answer came in. False when nobody waits for it: it is late, or the agent tells of the end of a lease. */
  settle(link: AgentLink, result: ResponseResult): boolean {
    const waiting = this.#waiting.get(result.id)
    if (waiting?.link !== link) return false
    clearTimeout(waiting.timer)
    this.#waiting.delete(result.id)
    waiting.resolve(result)
    return true
  }

  #linkOf(tenant: TenantId, agent: AgentId): AgentLink {
    const entry = this.#links.get(keyOf(tenant, agent))
    if (!entry) throw new PublicError('host-silent', 'The agent of this host is not connected')
    return entry.link
  }

  #waitingOn(link: AgentLink): number {
    let count = 0
    for (const waiting of this.#waiting.values()) if (waiting.link === link) count += 1
    return count
  }

  #forget(link: AgentLink): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.link !== link) continue
      clearTimeout(waiting.timer)
      this.#waiting.delete(id)
      waiting.reject(new PublicError('no-answer', 'The connection to the agent was lost; it may still act'))
    }
  }
}

function keyOf(tenant: TenantId, agent: AgentId): string {
  return `${tenant}/${agent}`
}
