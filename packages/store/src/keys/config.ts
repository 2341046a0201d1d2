import { join } from 'node:path'
import { Secret } from '@vedette/base'
import { z } from 'zod'
import type { MasterKeySource } from './master-key.ts'

/** Section `encryption` of the configuration: the key that all others are wrapped with, and how long these are used. */
export const encryptionConfigSchema = z
  .strictObject({
    /**
     * `generated`: a file `keys/master.key` in the folder of each part, made at the first start. `file`: a file of yours (0600, 64
     * hex digits). `environment`: VEDETTE_MASTER_KEY. `passphrase`: in a file of yours (0600) or VEDETTE_MASTER_PASSPHRASE.
     */
    master_key: z.enum(['generated', 'file', 'environment', 'passphrase']).default('generated'),
    /** Of the key, or of the passphrase. */
    file: z.string().startsWith('/', 'expected an absolute path').max(4096).optional(),
    /** New data keys are made after so many days; 0 for never by itself. */
    rotate_days: z.int().min(0).max(3650).default(90),
  })
  .refine(({ master_key, file }) => master_key !== 'file' || file !== undefined, {
    message: 'master_key: file needs one',
    path: ['file'],
  })
  .refine(
    ({ master_key, file }) => file === undefined || master_key === 'file' || master_key === 'passphrase',
    { message: 'only master_key: file and passphrase take one', path: ['file'] },
  )

export type EncryptionConfig = z.output<typeof encryptionConfigSchema>

/** What whoever starts a part gives it of the master key; left out where it is generated. */
export const givenMasterKeySchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('key'), key: z.string().max(1024) }),
  z.strictObject({ from: z.literal('passphrase'), passphrase: z.string().max(4096) }),
])

export type GivenMasterKey = z.output<typeof givenMasterKeySchema>

/** @param home folder of the part; its keys are in `keys` */
export function masterKeySource(home: string, given?: GivenMasterKey): MasterKeySource {
  if (given?.from === 'key') return { from: 'key', key: new Secret(given.key) }
  if (given?.from === 'passphrase') return { from: 'passphrase', passphrase: new Secret(given.passphrase) }
  return { from: 'generated', file: join(home, 'keys', 'master.key') }
}
