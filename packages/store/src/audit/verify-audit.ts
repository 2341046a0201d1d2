import { readCheckpoint, auditFiles, linesOf } from './audit-files.ts'
import type { AuditFault, AuditVerdict } from './audit-log.ts'
import { hashOf, NO_HASH, parseLine } from './chain.ts'

export interface VerifyOptions {
  /** File outside of the folder that tells how far the log went. */
  readonly checkpoint?: string
}

/**
 * Reads a whole log and says whether anything in it was edited, deleted, reordered or, where there is a checkpoint, cut
 * off at its end. May run while the log is written: a line that is not finished is left out.
 */
export async function verifyAudit(folder: string, options: VerifyOptions = {}): Promise<AuditVerdict> {
  // Read first: what is written meanwhile is then beyond it.
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint)
  let sequence = 0
  let previous = NO_HASH
  let hashAtCheckpoint: string | undefined
  let place = { file: folder, line: 1 }

  const fault = (code: AuditFault['code'], message: string): AuditVerdict => ({
    ok: false,
    records: sequence,
    fault: { sequence, ...place, code, message },
  })

  for (const file of auditFiles(folder)) {
    for await (const line of linesOf(file)) {
      if (!line.isWhole) continue
      place = { file, line: line.number }
      let record
      try {
        record = parseLine(line.text)
      } catch {
        return fault('not-json', `Line ${line.number} of ${file} is not an audit record`)
      }
      if (record.sequence !== sequence) {
        return fault(
          'sequence-wrong',
          `Record ${sequence} should stand here, and it is record ${record.sequence}`,
        )
      }
      if (record.hash !== hashOf(record)) {
        return fault('hash-wrong', `Record ${sequence} was changed: its hash is not that of its contents`)
      }
      if (record.previous !== previous) {
        return fault('chain-broken', `Record ${sequence} does not follow the record before it`)
      }
      previous = record.hash
      if (record.sequence === checkpoint?.sequence) hashAtCheckpoint = record.hash
      sequence += 1
    }
  }
  if (checkpoint !== undefined && hashAtCheckpoint !== checkpoint.hash) {
    return hashAtCheckpoint === undefined
      ? fault(
          'cut',
          `The log ends with record ${sequence - 1}, but record ${checkpoint.sequence} was written`,
        )
      : fault('chain-broken', `Record ${checkpoint.sequence} is another one than was written`)
  }
  return { ok: true, records: sequence, lastHash: previous }
}
