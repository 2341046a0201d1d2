import type { ProcessInfo } from '@vedette/linux'
import { type AffectedProcess, processUid, type ResponseRequest } from '@vedette/model'
import type { Action, AuditEntry, Effect } from './action.ts'
import { count, list, nameOf } from './actions/preview.ts'
import { hold } from './held-process.ts'
import type { Lease } from './lease-book.ts'
import type { Selection } from './selection.ts'

export interface DescriberOptions {
  readonly bootId: string
  /** Name of a user; its number by default. */
  readonly userName?: (uid: number) => string
  /** Arguments as one line for people, without the secrets in them; joined by spaces by default. */
  readonly commandLine?: (argv: readonly string[]) => string
}

/** Processes as an answer shows them. */
export class Describer {
  readonly #options: DescriberOptions

  constructor(options: DescriberOptions) {
    this.#options = options
  }

  /** Those that may be touched, then those that are left alone. */
  selection({ chosen, spared }: Selection): AffectedProcess[] {
    return [
      ...chosen.map(({ info }) => this.#describe(info)),
      ...spared.map(({ info, because }) => ({ ...this.#describe(info), protectedBecause: because })),
    ]
  }

  /** Those of its members that are still there. */
  lease({ members }: Lease): AffectedProcess[] {
    return members.flatMap((member) => {
      using held = hold(member)
      return held === undefined ? [] : [this.#describe(held.info)]
    })
  }

  #describe(info: ProcessInfo): AffectedProcess {
    const { bootId, userName = String, commandLine = (argv) => argv.join(' ') } = this.#options
    return {
      uid: processUid(bootId, info.pid, info.startTicks),
      pid: info.pid,
      name: info.name,
      cmdLine: commandLine(info.argv),
      user: userName(info.uid),
    }
  }
}

/** What the audit log is told of a request. */
export function auditEntry(
  request: ResponseRequest,
  target: string,
  outcome: AuditEntry['outcome'],
  detail: AuditEntry['detail'],
): AuditEntry {
  return {
    actor: request.actor,
    action: `respond.${request.action}`,
    target,
    outcome,
    detail: {
      response: request.id,
      reason: request.reason,
      ...(request.alert === undefined ? undefined : { alert: request.alert }),
      ...detail,
    },
  }
}

/** That there is nobody to act on. */
export function missing({ target: { pid, startTicks } }: ResponseRequest): string {
  const which = startTicks === undefined ? '' : ` that started at tick ${startTicks}`
  return `There is no process ${pid}${which}, or not any more; nothing was done`
}

/** What was done, and on whom it was not. */
export function summaryOf(action: Action, { touched, failed }: Effect, { spared }: Selection): string {
  const participle = action.participle
  const capital = `${participle.charAt(0).toUpperCase()}${participle.slice(1)}`
  const left = spared.length === 0 ? '' : `; left alone: ${list(spared.map(({ info }) => info))}`
  const [first] = failed
  if (first === undefined) {
    return `${capital} ${count(touched.length)}: ${list(touched.map(({ info }) => info))}${left}`
  }
  const worked = touched.length - failed.length
  const rest = `${nameOf(first.process.info)} was not ${participle}: ${first.reason}`
  return `${capital} ${worked} of ${count(touched.length)}; ${rest}${left}`
}
