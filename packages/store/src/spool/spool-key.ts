import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { statSync } from 'node:fs'
import { CodedError } from '@vedette/base'
import { KeptFile } from '../kept-file.ts'

const ALGORITHM = 'aes-256-gcm'
/** NIST SP 800-38D, 8.2.2: 96 random bits; good for 2^32 records of one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16
export const KEY_ID_BYTES = 8

/** The host's key for what lies in its spool: AES-256-GCM, each record by itself. */
export class SpoolKey {
  /** Tells keys apart and says nothing of this one: 16 hex digits. */
  readonly id: string
  readonly #key: KeyObject

  /** @param secret 32 bytes */
  constructor(secret: Uint8Array) {
    this.#key = createSecretKey(secret)
    const name = createHmac('sha256', secret).update('vedette spool key').digest()
    this.id = name.toString('hex', 0, KEY_ID_BYTES)
  }

  /** @param about what is not secret and must not be changed either */
  seal(plain: Uint8Array, about: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce)
    cipher.setAAD(about)
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }

  /** @throws {Error} when a byte of it, or of `about`, is not what it was */
  open(sealed: Uint8Array, about: Uint8Array): Buffer {
    const end = sealed.length - TAG_BYTES
    const decipher = createDecipheriv(ALGORITHM, this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(about)
    decipher.setAuthTag(sealed.subarray(end))
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()])
  }
}

/**
 * The key in a file (0600, 64 hex digits), or nothing where there is no such file.
 *
 * @throws {CodedError} `spool-key-unusable`: others may read it, or it is no key
 */
export async function readSpoolKey(path: string): Promise<SpoolKey | undefined> {
  const bytes = await new KeptFile(path).read()
  if (bytes === undefined) return undefined
  if ((statSync(path).mode & 0o077) !== 0)
    throw new CodedError(
      'spool-key-unusable',
      `Cannot use the spool's key: others may read ${path}; chmod 600 it`,
    )
  const text = Buffer.from(bytes).toString('latin1').trim()
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new CodedError(
      'spool-key-unusable',
      `Cannot use the spool's key: ${path} does not hold 64 hex digits`,
    )
  return new SpoolKey(Buffer.from(text, 'hex'))
}

/** Makes a key and keeps it in a file, 0600; resolves once it is on disk. */
export async function createSpoolKey(path: string): Promise<SpoolKey> {
  const secret = randomBytes(32)
  await new KeptFile(path).write(Buffer.from(`${secret.toString('hex')}\n`))
  return new SpoolKey(secret)
}
