import type { AuditRecord } from '@vedette/model'
import { readAudit } from '@vedette/store/read-audit'
import type { Invocation } from '../../command.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { houseLogs, type LogName } from './logs.ts'

interface ListOptions {
  readonly log?: LogName
  readonly actor?: string
  readonly action?: string
  readonly limit: number
}

/** The newest records of the logs, by their time. */
export async function list(invocation: Invocation, options: ListOptions): Promise<void> {
  const { limit } = options
  const found: (AuditRecord & { readonly log: LogName })[] = []
  for (const { log, folder } of houseLogs(invocation.paths, options.log)) {
    const newest: (AuditRecord & { readonly log: LogName })[] = []
    for await (const record of readAudit(folder)) {
      if (!isWanted(record, options)) continue
      newest.push({ log, ...record })
      if (newest.length >= 2 * limit) newest.splice(0, newest.length - limit)
    }
    found.push(...newest)
  }
  const shown = found.sort((a, b) => a.time - b.time || a.sequence - b.sequence).slice(-limit)
  if (invocation.json) {
    printJson(invocation, shown)
    return
  }
  if (shown.length === 0) {
    printLine(invocation, 'No record')
    return
  }
  printTable(
    invocation,
    [
      { title: 'TIME' },
      { title: 'LOG' },
      { title: 'NO', align: 'right' },
      { title: 'WHO' },
      { title: 'WHAT' },
      { title: 'OUTCOME' },
      { title: 'ON', flexible: true },
    ],
    shown.map(({ time, log, sequence, actor, action, outcome, target }) => [
      new Date(time).toISOString(),
      log,
      String(sequence),
      safe(actor, 60),
      safe(action, 60),
      outcome,
      safe(target, 300),
    ]),
  )
}

function isWanted({ actor, action }: AuditRecord, wanted: ListOptions): boolean {
  if (wanted.actor !== undefined && actor !== wanted.actor) return false
  if (wanted.action === undefined) return true
  return wanted.action.endsWith('.') ? action.startsWith(wanted.action) : action === wanted.action
}
