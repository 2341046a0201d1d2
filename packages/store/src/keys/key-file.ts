import { randomBytes } from 'node:crypto'
import { CodedError } from '@vedette/base'
import { readPrivateFile, writePrivateFile } from './private-file.ts'
import { KEY_BYTES } from './sealing-key.ts'

const DIGITS = /^[0-9a-f]{64}$/i

/**
 * The key in a file (0600, 64 hex digits), or nothing where there is none. The bytes are the caller's to overwrite.
 *
 * @throws {CodedError} `key-refused`: others may read it, or it is no key
 */
export function readKeyFile(path: string): Buffer | undefined {
  const content = readPrivateFile(path)
  if (content === undefined) return undefined
  const key = keyOfText(content.toString('latin1'))
  content.fill(0)
  if (key !== undefined) return key
  throw new CodedError('key-refused', `${path} holds no key: expected 64 hex digits`)
}

/** Makes a key and keeps it in a file of its own, 0600; it is on disk when this returns. */
export function writeKeyFile(path: string): Buffer {
  const key = randomBytes(KEY_BYTES)
  writePrivateFile(path, `${key.toString('hex')}\n`)
  return key
}

/** The 32 bytes of 64 hex digits; nothing for anything else. */
export function keyOfText(text: string): Buffer | undefined {
  const digits = text.trim()
  return DIGITS.test(digits) ? Buffer.from(digits, 'hex') : undefined
}
