import type { AuditRecord } from '@vedette/model'
import { auditFiles, linesOf } from './audit-files.ts'
import { parseLine } from './chain.ts'

/** What lies beside the folder of a log. */
export interface AuditPaths {
  /** How far the log went, replaced at every write. */
  readonly checkpoint: string
  /** Private key of its signed checkpoints, 0600. */
  readonly key: string
  /** Its signed checkpoints, a line each. */
  readonly checkpoints: string
}

export function auditPaths(folder: string): AuditPaths {
  return { checkpoint: `${folder}-checkpoint`, key: `${folder}-key`, checkpoints: `${folder}-checkpoints` }
}

/** The records of a log, oldest first, from a sequence on. Lines that are none are left out; `verifyAudit` names them. */
export async function* readAudit(folder: string, from = 0): AsyncGenerator<AuditRecord> {
  for (const file of auditFiles(folder)) {
    for await (const line of linesOf(file)) {
      const record = line.isWhole ? recordIn(line.text) : undefined
      if (record !== undefined && record.sequence >= from) yield record
    }
  }
}

/** Nothing for a line that is not a record. */
export function recordIn(text: string): AuditRecord | undefined {
  try {
    return parseLine(text)
  } catch {
    return undefined
  }
}
