import type { Detection, RiskEntry } from '@vedette/model'
import type { CaseLedger } from './case-ledger.ts'
import { treeRoot } from './process-tree.ts'
import { riskAt } from './risk.ts'

/** After ten half-lives an entry counts for a thousandth of its points. */
const FORGET_AFTER_HALF_LIVES = 10

/** The risk ledgers of the trees and hosts of some detections: read once, written once. */
export class RiskBook {
  readonly #halfLifeMs: number
  readonly #entries = new Map<string, RiskEntry[]>()
  readonly #fresh: RiskEntry[] = []

  private constructor(halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs
  }

  static async read(
    ledger: CaseLedger,
    detections: readonly Detection[],
    halfLifeMs: number,
  ): Promise<RiskBook> {
    const book = new RiskBook(halfLifeMs)
    if (detections.length === 0) return book
    const oldest = Math.min(...detections.map(({ time }) => time))
    const entities = [...new Set(detections.flatMap(entitiesOf))]
    for (const entry of await ledger.riskOf(entities, oldest - FORGET_AFTER_HALF_LIVES * halfLifeMs)) {
      book.#of(entry.entity).push(entry)
    }
    return book
  }

  /** Writes the points down for tree and host, and says how high the risk of the tree (else of the host) is now. */
  add(detection: Detection): number {
    const { id, rule, time } = detection
    const entities = entitiesOf(detection)
    for (const entity of entities) {
      const entry = { entity, time, points: rule.riskPoints, reason: rule.title, alert: id, rule: rule.id }
      this.#of(entity).push(entry)
      this.#fresh.push(entry)
    }
    return riskAt(this.#of(entities[0]), time, this.#halfLifeMs)
  }

  async write(ledger: CaseLedger): Promise<void> {
    await ledger.addRisk(this.#fresh)
  }

  #of(entity: string): RiskEntry[] {
    const known = this.#entries.get(entity) ?? []
    this.#entries.set(entity, known)
    return known
  }
}

/** Ledgers that a detection's points go to; the first one's risk is the alert's. */
function entitiesOf({ process, device }: Detection): [string, ...string[]] {
  const host = `host:${device.uid}`
  return process ? [`process:${treeRoot(process).uid}`, host] : [host]
}
