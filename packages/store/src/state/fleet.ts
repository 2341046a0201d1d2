import type { AgentId, AgentReport, AlertId, ResponseId, ResponseResult } from '@vedette/model'
import type { Page } from '../events/event-store.ts'

/** A host as its agent last told of itself. */
export interface Host {
  readonly id: AgentId
  readonly report: AgentReport
  readonly firstSeen: number
  readonly lastSeen: number
}

export interface Hosts {
  /** By host name. */
  list(): Promise<Host[]>
  get(id: AgentId): Promise<Host | undefined>
  /** Keeps the newest report. */
  report(id: AgentId, report: AgentReport, now: number): Promise<void>
}

/** What was done on a host or, where a policy in dry run would have acted, what it would have done. */
export interface StoredResponse extends Omit<ResponseResult, 'outcome'> {
  readonly outcome: ResponseResult['outcome'] | 'would_have'
  readonly actor: string
  readonly reason: string
  readonly alert?: AlertId
}

export interface ResponseFilter {
  readonly host?: AgentId
  readonly alert?: AlertId
}

export interface Responses {
  /** Newest first. */
  list(filter: ResponseFilter, page?: Page): Promise<StoredResponse[]>
  get(id: ResponseId): Promise<StoredResponse | undefined>
  /** Keeps it; one with the same id is replaced, as when a freeze was `done` and is then `undone`. */
  put(response: StoredResponse): Promise<void>
  /**
   * Takes the agent's word on a response that is known: outcome, summary, affected, undo, lease, time change; who asked
   * for it and why stay. Left out when no such response is known for that agent.
   */
  settle(result: ResponseResult): Promise<StoredResponse | undefined>
}
