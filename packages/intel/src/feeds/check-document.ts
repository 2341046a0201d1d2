import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { CodedError } from '@vedette/base'

/** @returns 64 lower-case hexadecimal digits */
export function sha256Of(document: Uint8Array): string {
  return createHash('sha256').update(document).digest('hex')
}

/** @throws {CodedError} `feed-hash` when the document is another than was said */
export function checkHash(document: Uint8Array, expected: string): void {
  if (sha256Of(document) !== expected.toLowerCase()) {
    throw new CodedError('feed-hash', 'The document is not the one that its SHA-256 names')
  }
}

/**
 * Checks a detached Ed25519 signature (RFC 8032): 64 bytes, or their base64.
 *
 * @param publicKey 32 bytes in base64, or PEM
 * @throws {CodedError} `feed-key` when the key is none, `feed-signature` when it did not sign this
 */
export function checkSignature(document: Uint8Array, signature: Uint8Array, publicKey: string): void {
  const key = readKey(publicKey)
  const bytes =
    signature.length === 64
      ? signature
      : Buffer.from(Buffer.from(signature.subarray(0, 1024)).toString('latin1').trim(), 'base64')
  if (bytes.length !== 64 || !verify(null, document, key, bytes)) {
    throw new CodedError('feed-signature', 'The signature is not one of this document by the key of the feed')
  }
}

/** @throws {CodedError} `feed-key` */
export function readKey(text: string): KeyObject {
  try {
    if (text.includes('-----BEGIN')) {
      const key = createPublicKey(text)
      if (key.asymmetricKeyType === 'ed25519') return key
    } else {
      const bytes = Buffer.from(text.trim(), 'base64')
      if (bytes.length === 32) {
        return createPublicKey({
          key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
          format: 'jwk',
        })
      }
    }
  } catch {
    // Said below.
  }
  throw new CodedError('feed-key', 'The public key is none of Ed25519: expected 32 bytes in base64, or PEM')
}
