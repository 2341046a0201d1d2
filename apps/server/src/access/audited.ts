import { type Logger, visible } from '@vedette/base'
import type { AuditEntry, AuditLog } from '@vedette/store'
import { PublicError } from './public-error.ts'

export type Act = Pick<AuditEntry, 'actor' | 'action' | 'target' | 'detail'>

/** Writes down what people do before it happens. */
export interface Audited {
  /** The last record could not be written. */
  readonly failing: boolean
  /**
   * Does `work` once the record of the intention is on disk, and records how it ended.
   *
   * @throws {PublicError} `audit-failed`: it could not be written, so nothing was done
   * @throws what `work` throws
   */
  act<T>(act: Act, work: () => Promise<T>, outcomeOf?: (result: T) => AuditEntry['outcome']): Promise<T>
  /**
   * Records what is one step: it takes effect when this resolves.
   *
   * @throws {PublicError} `audit-failed`
   */
  record(entry: AuditEntry): Promise<void>
}

export function createAudited(audit: AuditLog, log: Logger): Audited {
  let failing = false

  async function record(entry: AuditEntry): Promise<void> {
    try {
      await audit.append({ ...entry, actor: visible(entry.actor), target: visible(entry.target) })
      failing = false
    } catch (error) {
      failing = true
      log.error({ error, action: entry.action }, 'audit log cannot be written')
      throw new PublicError('audit-failed', 'The audit log cannot be written, so nothing was done', {
        cause: error,
      })
    }
  }

  return {
    get failing() {
      return failing
    },
    record,
    async act(act, work, outcomeOf = () => 'done') {
      await record({ ...act, outcome: 'intended' })
      let outcome: AuditEntry['outcome'] = 'failed'
      try {
        const result = await work()
        outcome = outcomeOf(result)
        return result
      } finally {
        // The act is over and its intention is on disk: a failure here is logged and does not turn it into an error.
        await record({ ...act, outcome }).catch(() => undefined)
      }
    },
  }
}
