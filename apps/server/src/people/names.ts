import { z } from 'zod'
import { PublicError } from '../access/public-error.ts'

/** Letters, digits and `. _ @ -`, so that a name reads the same wherever it stands. */
export const nameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u, 'a name has 1 to 64 letters, digits or . _ @ -')
  .transform((name) => name.normalize('NFC'))

/** Names that stand in the audit log for somebody else. */
const RESERVED = new Set(['cli', 'vedette', 'agent'])

/**
 * A name for a new account.
 *
 * @throws {PublicError} `name-refused`
 */
export function accountName(text: string): string {
  const name = checkedName(text)
  if (RESERVED.has(name.toLowerCase())) {
    throw new PublicError('name-refused', `Choose another name: ${name} stands for a part of Vedette`)
  }
  return name
}

/**
 * A name for a tenant or a key.
 *
 * @throws {PublicError} `name-refused`
 */
export function checkedName(text: string): string {
  const parsed = nameSchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new PublicError('name-refused', `name: ${parsed.error.issues[0]?.message ?? 'wrong'}`)
}
