import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { CodedError } from '@vedette/base'
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts'

export const KEY_BYTES = 32
export const KEY_ID_BYTES = 8

/**
 * A key that seals: AES-256-GCM with a random nonce before each, good for 2^32 of them (NIST SP 800-38D, 8.3). The key
 * itself lies outside of JavaScript's memory, and nothing logs or prints it.
 */
export class SealingKey {
  /** Tells keys apart and says nothing of this one: 16 hex digits. */
  readonly id: string
  readonly #key: KeyObject

  /** @param secret 32 bytes; the caller's to overwrite */
  constructor(secret: Uint8Array) {
    if (secret.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`)
    this.#key = createSecretKey(secret)
    // The first keys there were sealed spools; those have to be found by the name that they were given then.
    const name = createHmac('sha256', secret).update('vedette spool key').digest()
    this.id = name.toString('hex', 0, KEY_ID_BYTES)
  }

  /** @param about what is not secret and must not be changed either, such as the place where it will lie */
  seal(plain: Uint8Array, about: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    return Buffer.concat([nonce, encrypt(this.#key, nonce, plain, about)])
  }

  /** @throws {CodedError} `sealed-altered` when a byte of it, or of `about`, is not what it was */
  open(sealed: Uint8Array, about: Uint8Array): Buffer {
    try {
      return decrypt(this.#key, sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES), about)
    } catch (error) {
      throw new CodedError('sealed-altered', 'What was sealed is not what it was, or lies in another place', {
        cause: error,
      })
    }
  }

  /** Seals another key, whose bytes are overwritten in the memory of this process. */
  wrap(other: SealingKey, about: Uint8Array): Buffer {
    const secret = other.#key.export()
    try {
      return this.seal(secret, about)
    } finally {
      secret.fill(0)
    }
  }

  /** @throws {CodedError} `sealed-altered` */
  unwrap(wrapped: Uint8Array, about: Uint8Array): SealingKey {
    const secret = this.open(wrapped, about)
    try {
      return new SealingKey(secret)
    } finally {
      secret.fill(0)
    }
  }

  /** The last bytes of what was sealed, which stand for all of it. */
  static tagOf(sealed: Uint8Array): Uint8Array {
    return sealed.subarray(sealed.length - TAG_BYTES)
  }

  /** A key that nobody has. */
  static make(): SealingKey {
    const secret = randomBytes(KEY_BYTES)
    try {
      return new SealingKey(secret)
    } finally {
      secret.fill(0)
    }
  }
}

/** What is bound to something sealed, as bytes: no two lists have the same. */
export function aboutOf(...parts: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(parts))
}
