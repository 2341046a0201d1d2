import type { AuditRecord } from '@vedette/model'

/** What the writer of a record says; the log adds sequence, time and hashes. */
export type AuditEntry = Pick<AuditRecord, 'actor' | 'action' | 'target' | 'outcome' | 'detail'>

/** An append-only chain of records in a folder: each has the hash of the one before it. One process at a time. */
export interface AuditLog extends AsyncDisposable {
  /**
   * Resolves with the record once it is on disk. Do nothing that has to be recorded before it does.
   *
   * @throws {CodedError} `disk-full`, `audit-failed`: there is no record, so the act must not happen
   */
  append(entry: AuditEntry): Promise<AuditRecord>
  /** Oldest first, from a sequence on. */
  records(from?: number): AsyncIterable<AuditRecord>
  /** Sequence of the next record. */
  readonly length: number
}

/** Where a chain is broken. */
export interface AuditFault {
  /** Sequence that should stand there. */
  readonly sequence: number
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** `cut`: a checkpoint knows of more; `signature-wrong`: a signed checkpoint is none, or of another key. */
  readonly code: 'not-json' | 'hash-wrong' | 'chain-broken' | 'sequence-wrong' | 'cut' | 'signature-wrong'
  readonly message: string
}

export type AuditVerdict =
  | {
      readonly ok: true
      readonly records: number
      readonly lastHash: string
      /** Signed checkpoints that it was held against. */
      readonly checkpoints: number
    }
  | { readonly ok: false; readonly records: number; readonly fault: AuditFault }
