import { CodedError } from '@vedette/base'
import type { SealingKey } from './sealing-key.ts'

/** Stands before everything that is sealed and kept as text: `sealed:1:<id of the key>:<base64url>`. */
export const SEALED = 'sealed:1:'
const FORM = /^sealed:1:([0-9a-f]{16}):([A-Za-z0-9_-]+)$/

export function sealText(key: SealingKey, plain: string, about: Uint8Array): string {
  return `${SEALED}${key.id}:${key.seal(Buffer.from(plain), about).toString('base64url')}`
}

/** @throws {CodedError} `sealed-altered` */
export function openText(key: SealingKey, sealed: string, about: Uint8Array): string {
  const [, , body = ''] = FORM.exec(sealed) ?? []
  if (body === '') throw new CodedError('sealed-altered', 'This was not sealed here')
  return key.open(Buffer.from(body, 'base64url'), about).toString('utf8')
}

/** Id of the key that a text is sealed with; nothing for a text that is not sealed. */
export function keyIdOf(text: string): string | undefined {
  return FORM.exec(text)?.[1]
}
