import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '@vedette/base'
import type { NormaliseConfig } from '@vedette/normalise'
import { KeptFile } from '@vedette/store/kept-file'

/**
 * The host's key for fields that are hashed before they leave: in the file `privacy-key` (0600, 64 hex digits), made when
 * missing. Hosts whose file holds the same key hash alike, and what they tell can be joined.
 *
 * @param folder where it is kept; left out, it lasts as long as this process
 * @throws {CodedError} `privacy-key-unusable`: others may read it, or it is no key
 */
export async function privacyKey({ redaction }: NormaliseConfig, folder?: string): Promise<Uint8Array> {
  if (folder === undefined || !Object.values(redaction.fields).includes('hash')) return randomBytes(32)
  const path = join(folder, 'privacy-key')
  const file = new KeptFile(path)
  const bytes = await file.read()
  if (bytes === undefined) {
    const key = randomBytes(32)
    await file.write(Buffer.from(`${key.toString('hex')}\n`))
    return key
  }
  const text = Buffer.from(bytes).toString('latin1').trim()
  const fault =
    (statSync(path).mode & 0o077) !== 0
      ? `others may read ${path}; chmod 600 it`
      : /^[0-9a-f]{64}$/.test(text)
        ? undefined
        : `${path} does not hold 64 hex digits`
  if (fault !== undefined) {
    throw new CodedError('privacy-key-unusable', `Cannot use the key of hashed fields: ${fault}`)
  }
  return Buffer.from(text, 'hex')
}
