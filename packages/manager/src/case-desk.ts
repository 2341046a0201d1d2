import type { Detection, TenantId } from '@vedette/model'

/** Most detections that one transaction takes. */
const MAX_GROUP = 500

interface Waiting {
  readonly detections: readonly Detection[]
  readonly done: PromiseWithResolvers<void>
}

/**
 * Brings the detections of many batches before `settle` in groups, one group a tenant at a time: under an attack one
 * transaction then carries many batches, and without one nobody waits for company.
 */
export class CaseDesk {
  readonly #settle: (tenant: TenantId, detections: readonly Detection[]) => Promise<void>
  readonly #waiting = new Map<TenantId, Waiting[]>()
  readonly #busy = new Set<TenantId>()

  constructor(settle: (tenant: TenantId, detections: readonly Detection[]) => Promise<void>) {
    this.#settle = settle
  }

  /** Resolves once `settle` has resolved for the group that these are in; rejects when it failed for that or one before it. */
  async bring(tenant: TenantId, detections: readonly Detection[]): Promise<void> {
    if (detections.length === 0) return
    const done = Promise.withResolvers<void>()
    const waiting = this.#waiting.get(tenant) ?? []
    this.#waiting.set(tenant, waiting)
    waiting.push({ detections, done })
    if (!this.#busy.has(tenant)) void this.#work(tenant)
    await done.promise
  }

  async #work(tenant: TenantId): Promise<void> {
    this.#busy.add(tenant)
    let group: Waiting[]
    while ((group = this.#nextGroup(tenant)).length > 0) {
      try {
        await this.#settle(
          tenant,
          group.flatMap(({ detections }) => detections),
        )
        for (const { done } of group) done.resolve()
      } catch (error) {
        // What comes behind them must not be settled before them: it would hide that they are missing.
        const behind = this.#waiting.get(tenant) ?? []
        this.#waiting.delete(tenant)
        for (const { done } of [...group, ...behind]) done.reject(error)
      }
    }
    this.#busy.delete(tenant)
  }

  #nextGroup(tenant: TenantId): Waiting[] {
    const waiting = this.#waiting.get(tenant) ?? []
    let size = 0
    let count = 0
    for (const { detections } of waiting) {
      if (count > 0 && size + detections.length > MAX_GROUP) break
      size += detections.length
      count += 1
    }
    const group = waiting.splice(0, count)
    if (waiting.length === 0) this.#waiting.delete(tenant)
    return group
  }
}
