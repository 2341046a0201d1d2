import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { normaliseConfigSchema } from '@vedette/normalise'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { privacyKey } from './privacy-key.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-privacy-key-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const hashing = normaliseConfigSchema.parse({ redaction: { fields: { '*.user.name': 'hash' } } })

test('a key is made where something is hashed, and is the same after a restart', async () => {
  const key = await privacyKey(hashing, folder)
  expect(key).toHaveLength(32)
  expect(await privacyKey(hashing, folder)).toEqual(Buffer.from(key))
  expect(statSync(join(folder, 'privacy-key')).mode & 0o777).toBe(0o600)
})

test('a key that others may read, or that is none, is refused', async () => {
  const path = join(folder, 'privacy-key')
  writeFileSync(path, 'short\n', { mode: 0o600 })
  await expect(privacyKey(hashing, folder)).rejects.toMatchObject({ code: 'privacy-key-unusable' })
  writeFileSync(path, `${'ab'.repeat(32)}\n`)
  chmodSync(path, 0o644)
  await expect(privacyKey(hashing, folder)).rejects.toMatchObject({ code: 'privacy-key-unusable' })
})
