import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CodedError } from '@vedette/base'
import { type FileLock, lockFile } from '@vedette/linux'
import { readKeyFile, SealingKey, writeKeyFile } from '@vedette/store/keys'
import type { Threat } from './threat.ts'
import type { ThreatScanSummary } from './threat-scan.ts'

/** Name of the file that is written. */
const CURRENT = 'security-events.log'
const FORM = 'vedette-security-events 1'
const MOST_BYTES = 32 << 20
/** Longest entry with evidence, as JSON. */
const MOST_ENTRY_CHARACTERS = 256 * 1024

/** What is kept: each scan, followed by the threats that it found new. `time` in milliseconds since the epoch. */
export type ThreatLogEntry =
  | ({ readonly type: 'scan'; readonly time: number } & Omit<ThreatScanSummary, 'startedAt'>)
  | ({ readonly type: 'threat' } & Threat)

/**
 * A log of security events that only who has the key can read. Each line is an entry under AES-256-GCM (NIST SP 800-38D)
 * with a nonce of its own, base64; what authenticates it besides is the tag of the line before, so a line that was changed,
 * added or taken out of the middle is noticed. That lines are missing at the end is not. A file that reaches 32 MiB is
 * renamed, the one of before is given up.
 */
export class ThreatLog implements Disposable {
  readonly path: string
  readonly #key: SealingKey
  readonly #lock: FileLock
  #fd: number | undefined
  #size = 0
  #before: Uint8Array = Buffer.alloc(0)

  /**
   * Opens it for writing.
   *
   * @param folder made, 0700, when missing
   * @param keyPath 32 bytes as 64 hex digits; made, 0600, when missing
   * @throws {CodedError} `log-folder-open` when others may write into the folder; `log-key` when the key cannot be used, or
   *   is not the one that the log was written with; `log-in-use`; `log-damaged`. Nothing is overwritten then
   */
  constructor(folder: string, keyPath: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { mode, uid } = statSync(folder)
    if ((mode & 0o022) !== 0 || (uid !== process.getuid?.() && uid !== 0)) {
      throw new CodedError(
        'log-folder-open',
        `Others may write into ${folder}: a log of security events needs a folder of its own (chmod 700)`,
      )
    }
    this.path = join(folder, CURRENT)
    this.#key = readKey(keyPath)
    // Two writers would break the chain of each other.
    const lock = lockFile(join(folder, 'lock'))
    if (lock === undefined) throw new CodedError('log-in-use', `Somebody else writes the log in ${folder}`)
    this.#lock = lock
    try {
      this.#open()
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Adds a scan and what it found; they are on the disk when it returns. */
  append({ startedAt, ...summary }: ThreatScanSummary, threats: readonly Threat[]): void {
    if (this.#fd === undefined) throw new TypeError('The log is closed')
    if (this.#size > MOST_BYTES) this.#rotate()
    const entries: ThreatLogEntry[] = [
      { type: 'scan', time: startedAt, ...summary },
      ...threats.map((threat) => ({ type: 'threat' as const, ...threat })),
    ]
    this.#write(entries.map((entry) => this.#line(Buffer.from(shortened(entry)))).join(''))
    fsyncSync(this.#fd)
  }

  [Symbol.dispose](): void {
    this.#close()
    this.#lock[Symbol.dispose]()
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #open(): void {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW
    this.#fd = openSync(this.path, flags, 0o600)
    fchmodSync(this.#fd, 0o600)
    const { size } = fstatSync(this.#fd)
    this.#size = size
    if (size === 0) {
      this.#before = Buffer.alloc(0)
      this.#write(`${headerOf(this.#key)}\n`)
      return
    }
    const text = readFileSync(this.#fd, 'latin1')
    this.#before = readLines(text, this.#key, this.path, () => undefined)
    this.#size = text.lastIndexOf('\n') + 1
    ftruncateSync(this.#fd, this.#size)
  }

  #rotate(): void {
    this.#close()
    renameSync(this.path, `${this.path}.1`)
    this.#open()
  }

  #line(plain: Buffer): string {
    const sealed = this.#key.seal(plain, this.#before)
    this.#before = SealingKey.tagOf(sealed)
    return `${sealed.toString('base64')}\n`
  }

  #write(text: string): void {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd as number, bytes, at)
    this.#size += bytes.length
  }
}

/**
 * Reads a log, the renamed file first, and checks every line of it.
 *
 * @param folder as it was given to `ThreatLog`
 * @throws {CodedError} `log-key` for a wrong key, `log-damaged` with the number of the line that was changed
 */
export function readThreatLog(folder: string, keyPath: string): ThreatLogEntry[] {
  const entries: ThreatLogEntry[] = []
  const key = readKey(keyPath, false)
  for (const path of [`${join(folder, CURRENT)}.1`, join(folder, CURRENT)]) {
    let text: string
    try {
      text = readFileSync(path, 'latin1')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') continue
      throw error
    }
    readLines(text, key, path, (entry) => entries.push(entry))
  }
  return entries
}

/** Tells of each entry and gives the tag of the last. */
function readLines(
  text: string,
  key: SealingKey,
  path: string,
  tell: (entry: ThreatLogEntry) => void,
): Uint8Array {
  const lines = text.split('\n')
  if (lines[0] !== headerOf(key)) {
    const isLog = lines[0]?.startsWith(FORM) === true
    throw isLog
      ? new CodedError('log-key', `${path} was written with another key`)
      : new CodedError('log-damaged', `${path} is no log of security events`)
  }
  let before: Uint8Array = Buffer.alloc(0)
  for (const [index, line] of lines.slice(1).entries()) {
    // After the last line feed: nothing, or what a crash left of a line that was never said to be kept.
    if (index === lines.length - 2) break
    const sealed = Buffer.from(line, 'base64')
    try {
      tell(JSON.parse(key.open(sealed, before).toString('utf8')) as ThreatLogEntry)
    } catch {
      throw damaged(path, index + 2)
    }
    before = SealingKey.tagOf(sealed)
  }
  return before
}

function damaged(path: string, line: number): CodedError {
  return new CodedError('log-damaged', `${path} was changed: line ${line} is not what was written there`)
}

/** Names the key without telling it. */
function headerOf(key: SealingKey): string {
  return `${FORM} ${key.id}`
}

function readKey(path: string, mayMake = true): SealingKey {
  let secret: Buffer | undefined
  try {
    secret = readKeyFile(path)
  } catch (error) {
    throw new CodedError('log-key', error instanceof Error ? error.message : String(error), { cause: error })
  }
  if (secret === undefined) {
    if (!mayMake)
      throw new CodedError('log-key', `The key of the log cannot be read: there is no file ${path}`)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    secret = writeKeyFile(path)
  }
  try {
    return new SealingKey(secret)
  } finally {
    secret.fill(0)
  }
}

/** The evidence goes where an entry is too long. */
function shortened(entry: ThreatLogEntry): string {
  const text = JSON.stringify(entry)
  if (text.length <= MOST_ENTRY_CHARACTERS || entry.type === 'scan') return text
  return JSON.stringify({ ...entry, evidence: [] })
}
