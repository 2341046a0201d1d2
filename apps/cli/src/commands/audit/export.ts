import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs'
import { csvLine } from '@vedette/base'
import { visible } from '@vedette/base/visible'
import type { AuditRecord } from '@vedette/model'
import { readAudit } from '@vedette/store/read-audit'
import type { Invocation } from '../../command.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { houseLogs, type LogName } from './logs.ts'
import { plainJson } from './plain-json.ts'

interface ExportOptions {
  readonly format: 'jsonl' | 'csv'
  readonly log?: LogName
  readonly out?: string
}

const COLUMNS = [
  'log',
  'sequence',
  'time',
  'actor',
  'action',
  'target',
  'outcome',
  'detail',
  'previous',
  'hash',
]

/** Every record, a line each. A JSON line has the record whole, so that its hash can be computed again. */
export async function exportRecords(invocation: Invocation, options: ExportOptions): Promise<void> {
  const { terminal, paths } = invocation
  const { out, format } = options
  using stack = new DisposableStack()
  let write = (text: string): void => terminal.out(text)
  if (out !== undefined) {
    // EXCL: an export is evidence and does not take the place of another.
    const fd = openSync(out, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    stack.defer(() => {
      fsyncSync(fd)
      closeSync(fd)
    })
    write = (text) => void writeSync(fd, text)
  }
  let records = 0
  if (format === 'csv') write(csvLine(COLUMNS))
  for (const { log, folder } of houseLogs(paths, options.log)) {
    for await (const record of readAudit(folder)) {
      write(format === 'csv' ? csvOf(log, record) : `${plainJson({ log, ...record })}\n`)
      records += 1
    }
  }
  if (out === undefined) return
  if (invocation.json) printJson(invocation, { file: out, records })
  else printLine(invocation, `${records} records written to ${safe(out)}`)
}

function csvOf(log: LogName, record: AuditRecord): string {
  const { sequence, time, actor, action, target, outcome, detail, previous, hash } = record
  const text = [actor, action, target].map(visible)
  return csvLine([
    log,
    String(sequence),
    new Date(time).toISOString(),
    ...text,
    outcome,
    plainJson(detail),
    previous,
    hash,
  ])
}
