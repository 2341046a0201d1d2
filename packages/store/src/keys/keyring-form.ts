import { CodedError } from '@vedette/base'
import { z } from 'zod'
import { passphraseCostSchema } from './passphrase.ts'

const MOST_BYTES = 16 * 1024 * 1024

const id = z.string().regex(/^[0-9a-f]{16}$/)
const base64 = z.string().regex(/^[A-Za-z0-9_-]{1,256}$/)

const masterSchema = z.strictObject({
  id,
  from: z.enum(['generated', 'key', 'passphrase']),
  /** How it is made of a passphrase. */
  passphrase: passphraseCostSchema.optional(),
  since: z.number(),
  /** Nothing, sealed with it: shows that a key is the right one. */
  check: base64,
})

const dataKeySchema = z.strictObject({
  id,
  /** What it is for: `state`, `files`, `spool`. */
  class: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  /** Whose; empty where it is nobody's. */
  tenant: z.string().max(128),
  created_at: z.number(),
  /** Sealed with each master key, by its id. More than one while the master key is replaced. */
  wrapped: z.record(id, base64),
})

/**
 * `keyring.json`: the data keys, each wrapped by the master key. The last one of a class and tenant is used for what is
 * sealed from now on; those before it open what was sealed before.
 */
export const keyringSchema = z.strictObject({
  keyring: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  masters: z.array(masterSchema).min(1).max(2),
  keys: z.array(dataKeySchema).max(100_000),
})

export type KeyringFile = z.output<typeof keyringSchema>
export type MasterRecord = z.output<typeof masterSchema>
export type DataKeyRecord = z.output<typeof dataKeySchema>

/** @throws {CodedError} `keyring-damaged` */
export function parseKeyring(content: Buffer, path: string): KeyringFile {
  let data: unknown
  try {
    data = content.length > MOST_BYTES ? undefined : JSON.parse(content.toString('utf8'))
  } catch {
    data = undefined
  }
  const parsed = keyringSchema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new CodedError(
    'keyring-damaged',
    `${path} is damaged: bring it back from a backup; nothing was changed`,
    { cause: parsed.error },
  )
}
