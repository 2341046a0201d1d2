import { randomUUID } from 'node:crypto'
import type { ActionName, Alert, ProcessUid, ResponseId, ResponseRequest, TenantId } from '@vedette/model'
import { decide, type ResponseConfig } from '@vedette/respond'
import type { Services } from '../services.ts'
import { respond } from './respond.ts'

/** One action on one process within this time, however many alerts it raises. */
const QUIET_MS = 600_000
const MAX_REMEMBERED = 10_000

/** What policy makes of alerts, by the risk of their process trees. Everything is in dry run until it is told otherwise. */
export class ResponsePolicy {
  readonly #config: ResponseConfig
  readonly #services: () => Services
  readonly #lately = new Map<string, number>()

  constructor(config: ResponseConfig, services: () => Services) {
    this.#config = config
    this.#services = services
  }

  /**
   * Does what the policy says about a new alert: in dry run and where a person has to be asked it keeps what would have
   * been touched, else it acts. The agent's own policy has the last word.
   */
  async judge(tenant: TenantId, alert: Alert): Promise<void> {
    const decision = decide(alert.risk, this.#config)
    const target = alert.process && targetOf(alert.process.uid)
    if (!decision || !target) return
    const { action, mode } = decision
    // Nothing isolates yet, and to warn is what the alert itself does.
    if (action === 'warn' || action === 'isolate') return
    if (this.#wasLately(`${tenant} ${alert.process?.uid} ${action}`)) return

    const services = this.#services()
    const execute = mode === 'automatic'
    const request: ResponseRequest = {
      id: randomUUID() as ResponseId,
      action: action satisfies ActionName,
      target,
      tree: true,
      execute,
      leaseMs: 600_000,
      actor: 'vedette',
      reason: `The risk of its process tree reached ${alert.risk}`,
      alert: alert.id,
    }
    const result = await respond(services, tenant, alert.device.uid, request)
    if (execute) return
    await services.state.of(tenant).responses.put({ ...result, outcome: 'would_have' })
  }

  #wasLately(key: string): boolean {
    const now = this.#services().clock.monotonic()
    const before = this.#lately.get(key)
    if (before !== undefined && now - before < QUIET_MS) return true
    this.#lately.delete(key)
    this.#lately.set(key, now)
    const oldest = this.#lately.keys().next().value
    if (this.#lately.size > MAX_REMEMBERED && oldest !== undefined) this.#lately.delete(oldest)
    return false
  }
}

/** Which process a uid names: `<boot id>-<pid>-<start, clock ticks>`. */
export function targetOf(uid: ProcessUid): { readonly pid: number; readonly startTicks: number } | undefined {
  const found = /^[0-9a-f]{1,8}-(\d{1,10})-(\d{1,15})$/.exec(uid)
  return found ? { pid: Number(found[1]), startTicks: Number(found[2]) } : undefined
}
