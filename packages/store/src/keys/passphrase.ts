import { argon2Sync, randomBytes } from 'node:crypto'
import type { Secret } from '@vedette/base'
import { z } from 'zod'
import { KEY_BYTES } from './sealing-key.ts'

/** How a key was made of a passphrase. It is kept beside what the key seals; nothing of it is secret. */
export const passphraseCostSchema = z.strictObject({
  kdf: z.literal('argon2id'),
  /** KiB. Bounded, so that a file of somebody else's cannot fill the memory. */
  memory_kib: z.int().min(8).max(1_048_576),
  passes: z.int().min(1).max(64),
  lanes: z.int().min(1).max(16),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
})

export type PassphraseCost = z.output<typeof passphraseCostSchema>

/** RFC 9106, section 4, second choice: 64 MiB, 3 passes, 4 lanes. About half a second a guess. */
export function newPassphraseCost(): PassphraseCost {
  return { kdf: 'argon2id', memory_kib: 65_536, passes: 3, lanes: 4, salt: randomBytes(16).toString('hex') }
}

/** A key of 32 bytes (argon2id, RFC 9106); they are the caller's to overwrite. */
export function keyOfPassphrase(passphrase: Secret, cost: PassphraseCost): Buffer {
  return argon2Sync('argon2id', {
    message: passphrase.reveal().normalize('NFC'),
    nonce: Buffer.from(cost.salt, 'hex'),
    memory: cost.memory_kib,
    passes: cost.passes,
    parallelism: cost.lanes,
    tagLength: KEY_BYTES,
  })
}
