import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '@vedette/base'
import { syncFolder } from '../sync-folder.ts'
import type { Checkpoint } from './audit-files.ts'
import { canonicalJson } from './chain.ts'

/** What a signature is for, so that one over something else can never stand for it. */
const PURPOSE = 'vedette audit checkpoint 1\n'
/** Longest line of a file of signed checkpoints, in bytes. */
const MAX_BYTES = 4096
/** The 32 bytes of an Ed25519 public key (RFC 8032), and the 64 of a signature, in base64url. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{43}$/
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/

/** How far a log went at a time, signed with the log's own key: it can be kept anywhere. */
export interface SignedCheckpoint extends Checkpoint {
  /** Which log: `server`, `agent`. */
  readonly log: string
  readonly time: number
  /** Public key, base64url. */
  readonly key: string
  /** Ed25519 over the canonical JSON of all the others, base64url. */
  readonly signature: string
}

/** Signs how far a log went. */
export interface CheckpointSigner {
  /** Public key, base64url. */
  readonly key: string
  sign(log: string, checkpoint: Checkpoint, time: number): SignedCheckpoint
}

/**
 * Reads the key of a log, or makes one (PEM, 0600, on disk when this returns).
 *
 * @throws {CodedError} `audit-key-refused` when others may read it, or when it is no Ed25519 key
 */
export function keepCheckpointKey(file: string): CheckpointSigner {
  return openCheckpointKey(file) ?? makeKey(file)
}

/**
 * The key of a log; nothing where there is none.
 *
 * @throws {CodedError} `audit-key-refused`
 */
export function openCheckpointKey(file: string): CheckpointSigner | undefined {
  const status = statSync(file, { throwIfNoEntry: false })
  if (status === undefined) return undefined
  if ((status.mode & 0o077) !== 0) throw refused(file, 'others may read it; its mode must be 0600')
  let key: KeyObject
  try {
    key = createPrivateKey(readFileSync(file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error
    throw refused(file, 'it is not a private key', error)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw refused(file, 'it is not an Ed25519 key')
  return signer(key)
}

function makeKey(file: string): CheckpointSigner {
  const { privateKey } = generateKeyPairSync('ed25519')
  const fresh = `${file}.new`
  const fd = openSync(fresh, 'w', 0o600)
  try {
    writeSync(fd, String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(fresh, file)
  syncFolder(dirname(file))
  return signer(privateKey)
}

function signer(privateKey: KeyObject): CheckpointSigner {
  const key = String(createPublicKey(privateKey).export({ format: 'jwk' }).x)
  return {
    key,
    sign(log, { sequence, hash }, time) {
      const said = { log, sequence, hash, time, key }
      return { ...said, signature: signBytes(null, bytesOf(said), privateKey).toString('base64url') }
    },
  }
}

function bytesOf({ log, sequence, hash, time, key }: Omit<SignedCheckpoint, 'signature'>): Buffer {
  return Buffer.from(PURPOSE + canonicalJson({ log, sequence, hash, time, key }))
}

/** Whether a checkpoint was signed with the key that it names. */
export function isSigned(checkpoint: SignedCheckpoint): boolean {
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: checkpoint.key },
    format: 'jwk',
  })
  return verifyBytes(null, bytesOf(checkpoint), key, Buffer.from(checkpoint.signature, 'base64url'))
}

/**
 * A line of a file of signed checkpoints; its signature is not checked.
 *
 * @throws {SyntaxError} when it is none
 */
export function parseCheckpoint(line: string): SignedCheckpoint {
  const value = (line.length > MAX_BYTES ? null : JSON.parse(line)) as Partial<SignedCheckpoint> | null
  const isOne =
    typeof value === 'object' &&
    value !== null &&
    typeof value.log === 'string' &&
    Number.isSafeInteger(value.sequence) &&
    /^[0-9a-f]{64}$/.test(value.hash ?? '') &&
    typeof value.time === 'number' &&
    PUBLIC_KEY.test(value.key ?? '') &&
    SIGNATURE.test(value.signature ?? '') &&
    Object.keys(value).length === 6
  if (!isOne) throw new SyntaxError('not a signed checkpoint')
  return value as SignedCheckpoint
}

/**
 * The checkpoints of a file, a line each. What follows the last newline was cut off by a crash, or is being written, and
 * is left out.
 *
 * @throws {SyntaxError} for a line that is none, with its number
 */
export function readCheckpoints(file: string): SignedCheckpoint[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line, index) => {
    try {
      return parseCheckpoint(line)
    } catch (error) {
      throw new SyntaxError(`Line ${index + 1} of ${file} is not a signed checkpoint`, { cause: error })
    }
  })
}

function refused(file: string, why: string, cause?: unknown): CodedError {
  return new CodedError('audit-key-refused', `Cannot use the key of the audit log, ${file}: ${why}`, {
    cause,
  })
}
