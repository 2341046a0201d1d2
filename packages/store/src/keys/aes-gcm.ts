import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
/** NIST SP 800-38D, 8.2: a nonce of 96 bits, never twice with one key. */
export const NONCE_BYTES = 12
export const TAG_BYTES = 16

/** AES-256-GCM (NIST SP 800-38D): what it makes of `plain`, and the tag behind it. */
export function encrypt(key: KeyObject, nonce: Uint8Array, plain: Uint8Array, about: Uint8Array): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(about)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/**
 * What `encrypt` was given.
 *
 * @throws {Error} when a byte of it, or of `about`, is not what it was
 */
export function decrypt(key: KeyObject, nonce: Uint8Array, sealed: Uint8Array, about: Uint8Array): Buffer {
  const end = sealed.length - TAG_BYTES
  if (end < 0) throw new RangeError('too short to be sealed')
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(about)
  decipher.setAuthTag(sealed.subarray(end))
  return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()])
}
