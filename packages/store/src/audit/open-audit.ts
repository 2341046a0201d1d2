import { statSync } from 'node:fs'
import { type FileHandle, open, truncate } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Clock, CodedError, type Logger } from '@vedette/base'
import type { AuditRecord } from '@vedette/model'
import { storeFailure } from '../failure.ts'
import { lockFolder } from '../folder-lock.ts'
import { syncFolder } from '../sync-folder.ts'
import { auditFile, auditFiles, linesOf, readCheckpoint, writeCheckpoint } from './audit-files.ts'
import type { AuditEntry, AuditLog } from './audit-log.ts'
import { MAX_LINE_BYTES, NO_HASH, nextRecord } from './chain.ts'
import { CheckpointHistory } from './checkpoint-history.ts'
import { readAudit, recordIn } from './read-audit.ts'
import { type CheckpointSigner, keepCheckpointKey } from './signed-checkpoint.ts'

export type { AuditLog } from './audit-log.ts'
export { auditPaths } from './read-audit.ts'

export interface AuditOptions {
  readonly clock: Clock
  readonly log: Logger
  /** File, best outside of the folder, that always tells how far the log went. Its folder must be there. */
  readonly checkpoint?: string
  /** How it signs how far it went: every `every` records (default 1000) and when it is closed. */
  readonly signing?: AuditSigning
  /** Size at which a new file is begun. Default 64 MiB. */
  readonly fileBytes?: number
}

export interface AuditSigning {
  /** Name of the log in its checkpoints: `server`, `agent`. */
  readonly name: string
  /** Private key, made where there is none. Its folder must be there. */
  readonly key: string
  /** Where the signed checkpoints are added. */
  readonly checkpoints: string
  readonly every?: number
}

const DEFAULT_EVERY = 1000
const DEFAULT_FILE_BYTES = 64 * 1024 * 1024

/**
 * Opens a log, or begins one. A line that a crash cut off is taken away, and a record says so. Where the checkpoint
 * knows of records that are missing at the end, the log goes on after them, so that the gap stays for ever to be seen.
 *
 * @throws {CodedError} `folder-in-use`, `disk-full`, `audit-failed`, `audit-key-refused`
 */
export async function openAudit(folder: string, options: AuditOptions): Promise<AuditLog> {
  const lock = lockFolder(folder)
  try {
    const end = await recover(folder, options)
    const log = new ChainedLog(folder, options, end, lock, await openSigning(options.signing))
    for (const note of end.notes) await log.append(note)
    return log
  } catch (error) {
    lock[Symbol.dispose]()
    throw storeFailure('audit-failed', 'open the audit log', error)
  }
}

interface End {
  /** File that is written on; left out when there is none yet. */
  readonly file: string | undefined
  readonly sequence: number
  readonly previous: string
  readonly notes: readonly AuditEntry[]
}

async function recover(folder: string, { checkpoint, log }: AuditOptions): Promise<End> {
  const notes: AuditEntry[] = []
  const note = (action: string, target: string, detail: AuditEntry['detail']) => {
    notes.push({ actor: 'vedette', action, target, outcome: 'done', detail })
    log.warn({ action, target, ...detail }, 'the audit log was not as it should be')
  }
  let last: AuditRecord | undefined
  const files = auditFiles(folder)
  // The newest file that has a record; the one after it may have been begun and not written.
  for (const file of files.reverse()) {
    for await (const line of linesOf(file)) {
      if (line.isWhole) {
        last = recordIn(line.text) ?? last
        continue
      }
      const bytes = statSync(file).size - line.offset
      await truncate(file, line.offset)
      note('audit.torn-line-removed', basename(file), { bytes })
    }
    if (last !== undefined) break
  }
  let sequence = last === undefined ? 0 : last.sequence + 1
  let previous = last?.hash ?? NO_HASH
  const known = checkpoint === undefined ? undefined : readCheckpoint(checkpoint)
  if (known !== undefined && known.sequence >= sequence) {
    note('audit.records-missing', basename(folder), { from: sequence, to: known.sequence })
    sequence = known.sequence + 1
    previous = known.hash
  }
  return { file: files[0], sequence, previous, notes }
}

interface Signing {
  readonly signer: CheckpointSigner
  readonly name: string
  readonly history: CheckpointHistory
  readonly every: number
  /** Sequence of the last record that a signed checkpoint tells of; -1 for none. */
  last: number
}

async function openSigning(options: AuditSigning | undefined): Promise<Signing | undefined> {
  if (options === undefined) return undefined
  const { name, key, checkpoints, every = DEFAULT_EVERY } = options
  const history = new CheckpointHistory(checkpoints)
  const last = (await history.recover())?.sequence ?? -1
  return { signer: keepCheckpointKey(key), name, history, every, last }
}

interface Waiting {
  readonly entry: AuditEntry
  readonly done: PromiseWithResolvers<AuditRecord>
}

class ChainedLog implements AuditLog {
  readonly #folder: string
  readonly #options: AuditOptions
  readonly #lock: Disposable
  readonly #signing: Signing | undefined
  #path: string | undefined
  #file: FileHandle | undefined
  #size = 0
  #sequence: number
  #previous: string
  #queue: Waiting[] = []
  #writing: Promise<void> | undefined
  /** Why nothing can be written any more. */
  #broken: CodedError | undefined

  constructor(
    folder: string,
    options: AuditOptions,
    end: End,
    lock: Disposable,
    signing: Signing | undefined,
  ) {
    this.#folder = folder
    this.#options = options
    this.#lock = lock
    this.#signing = signing
    this.#path = end.file
    this.#sequence = end.sequence
    this.#previous = end.previous
  }

  get length(): number {
    return this.#sequence
  }

  append(entry: AuditEntry): Promise<AuditRecord> {
    const done = Promise.withResolvers<AuditRecord>()
    this.#queue.push({ entry, done })
    this.#writing ??= this.#write()
    return done.promise
  }

  records(from = 0): AsyncIterable<AuditRecord> {
    return readAudit(this.#folder, from)
  }

  /** Writes what waits in groups, each with one sync. */
  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const group = this.#queue.splice(0)
        try {
          const records = await this.#writeGroup(group)
          group.forEach(({ done }, index) => done.resolve(records[index] as AuditRecord))
        } catch (error) {
          const failure = storeFailure('audit-failed', 'write the audit log', error)
          for (const { done } of group) done.reject(failure)
        }
      }
    } finally {
      // In the step in which the queue was seen empty, so that what comes next starts a writing of its own.
      this.#writing = undefined
    }
  }

  async #writeGroup(group: readonly Waiting[]): Promise<readonly AuditRecord[]> {
    if (this.#broken !== undefined) throw this.#broken
    const { clock, checkpoint } = this.#options
    const file = await this.#fileToWrite()
    let sequence = this.#sequence
    let previous = this.#previous
    const lines: string[] = []
    const records = group.map(({ entry }) => {
      const record = nextRecord(entry, sequence, clock.now(), previous)
      const line = `${JSON.stringify(record)}\n`
      if (Buffer.byteLength(line) > MAX_LINE_BYTES) {
        throw new CodedError('audit-failed', 'Cannot write the audit log: a record is longer than 1 MiB')
      }
      lines.push(line)
      sequence += 1
      previous = record.hash
      return record
    })
    const bytes = Buffer.from(lines.join(''))
    try {
      await file.appendFile(bytes)
      await file.datasync()
      if (checkpoint !== undefined)
        await writeCheckpoint(checkpoint, { sequence: sequence - 1, hash: previous })
    } catch (error) {
      await this.#takeBack(file)
      throw error
    }
    this.#size += bytes.length
    this.#sequence = sequence
    this.#previous = previous
    const signing = this.#signing
    if (signing !== undefined && sequence - 1 - signing.last >= signing.every) await this.#sign(signing)
    return records
  }

  /** The records are on disk already: what fails here is tried again after the next ones. */
  async #sign(signing: Signing): Promise<void> {
    const { signer, name, history } = signing
    const end = { sequence: this.#sequence - 1, hash: this.#previous }
    if (end.sequence <= signing.last) return
    try {
      await history.add(signer.sign(name, end, this.#options.clock.now()))
      signing.last = end.sequence
    } catch (error) {
      this.#options.log.warn({ error }, 'a checkpoint of the audit log could not be signed')
    }
  }

  /** A record that was refused must not be there. Where it cannot be taken back nothing more is written. */
  async #takeBack(file: FileHandle): Promise<void> {
    try {
      await file.truncate(this.#size)
      await file.datasync()
    } catch (error) {
      this.#broken = storeFailure('audit-failed', 'write the audit log', error)
    }
  }

  async #fileToWrite(): Promise<FileHandle> {
    const { fileBytes = DEFAULT_FILE_BYTES } = this.#options
    if (this.#file !== undefined && this.#size < fileBytes) return this.#file
    await this.#file?.close()
    this.#file = undefined
    if (this.#path === undefined || this.#size >= fileBytes)
      this.#path = auditFile(this.#folder, this.#sequence)
    this.#file = await open(this.#path, 'a', 0o600)
    this.#size = (await this.#file.stat()).size
    syncFolder(this.#folder)
    return this.#file
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
    if (this.#signing !== undefined && this.#broken === undefined) await this.#sign(this.#signing)
    this.#broken ??= new CodedError('audit-failed', 'Cannot write the audit log: it is closed')
    await this.#file?.close()
    this.#file = undefined
    this.#lock[Symbol.dispose]()
  }
}
