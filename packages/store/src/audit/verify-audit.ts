import { existsSync } from 'node:fs'
import { auditFiles, type Checkpoint, linesOf, readCheckpoint } from './audit-files.ts'
import type { AuditFault, AuditVerdict } from './audit-log.ts'
import { hashOf, NO_HASH, parseLine } from './chain.ts'
import { auditPaths } from './read-audit.ts'
import { isSigned, openCheckpointKey, readCheckpoints, type SignedCheckpoint } from './signed-checkpoint.ts'

export interface VerifyOptions {
  /** File outside of the folder that tells how far the log went. */
  readonly checkpoint?: string
  /** File of the log's signed checkpoints. A last line that a crash cut off is not counted. */
  readonly checkpoints?: string
  /** Checkpoints that were kept elsewhere. */
  readonly kept?: readonly SignedCheckpoint[]
  /** Public key with which all of them have to be signed; left out, each with the one that it names. */
  readonly key?: string
}

/** A fault without its place in the log. */
type Complaint = Pick<AuditFault, 'code' | 'message'>

/**
 * Reads a whole log and says whether anything in it was edited, deleted, reordered or, where there is a checkpoint, cut
 * off at its end. May run while the log is written: a line that is not finished is left out.
 */
export async function verifyAudit(folder: string, options: VerifyOptions = {}): Promise<AuditVerdict> {
  let sequence = 0
  let previous = NO_HASH
  let place = { file: folder, line: 1 }
  const fault = (code: AuditFault['code'], message: string): AuditVerdict => ({
    ok: false,
    records: sequence,
    fault: { sequence, ...place, code, message },
  })

  // Read first: what is written meanwhile is then beyond them.
  const marks = readMarks(options)
  if ('code' in marks) return fault(marks.code, marks.message)
  const { expected, signed } = marks

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
      const mark = expected.get(sequence)
      if (mark !== undefined && mark !== record.hash) {
        return fault('chain-broken', `Record ${sequence} is another one than was written`)
      }
      previous = record.hash
      sequence += 1
    }
  }
  const last = highest(expected)
  if (last >= sequence) {
    return fault('cut', `The log ends with record ${sequence - 1}, but record ${last} was written`)
  }
  return { ok: true, records: sequence, lastHash: previous, checkpoints: signed }
}

/**
 * Holds a log against all that lies beside it (see `auditPaths`), and against checkpoints that were kept elsewhere.
 *
 * @throws {CodedError} `audit-key-refused`
 */
export function verifyOwnAudit(
  folder: string,
  kept: readonly SignedCheckpoint[] = [],
): Promise<AuditVerdict> {
  const { key, ...beside } = auditPaths(folder)
  const signer = openCheckpointKey(key)
  return verifyAudit(folder, { ...beside, kept, ...(signer && { key: signer.key }) })
}

interface Marks {
  /** Hashes of records, by sequence. */
  readonly expected: ReadonlyMap<number, string>
  /** How many of them are signed. */
  readonly signed: number
}

/** What is known of the log from beside and outside of it. */
function readMarks({ checkpoint, checkpoints, kept = [], key }: VerifyOptions): Marks | Complaint {
  const expected = new Map<number, string>()
  const add = ({ sequence, hash }: Checkpoint): Complaint | undefined => {
    const before = expected.get(sequence)
    expected.set(sequence, hash)
    if (before === undefined || before === hash) return undefined
    return { code: 'chain-broken', message: `Two checkpoints disagree about record ${sequence}` }
  }
  try {
    const own = checkpoint === undefined ? undefined : readCheckpoint(checkpoint)
    if (own !== undefined) add(own)
    const history = checkpoints !== undefined && existsSync(checkpoints) ? readCheckpoints(checkpoints) : []
    const all = [...history, ...kept]
    for (const signed of all) {
      const complaint = wrongSignature(signed, key) ?? add(signed)
      if (complaint !== undefined) return complaint
    }
    return { expected, signed: all.length }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { code: 'signature-wrong', message: error.message }
  }
}

function wrongSignature(checkpoint: SignedCheckpoint, key: string | undefined): Complaint | undefined {
  const which = `The checkpoint of record ${checkpoint.sequence}`
  if (key !== undefined && checkpoint.key !== key) {
    return { code: 'signature-wrong', message: `${which} was signed with another key than the log's` }
  }
  if (isSigned(checkpoint)) return undefined
  return { code: 'signature-wrong', message: `${which} was not signed with the key that it names` }
}

/** The highest sequence that is known of; -1 where none is. */
function highest(expected: ReadonlyMap<number, string>): number {
  let last = -1
  for (const sequence of expected.keys()) last = Math.max(last, sequence)
  return last
}
