import { randomBytes } from 'node:crypto'
import { Secret } from '@vedette/base'
import { expect, test } from 'vitest'
import { seal, unseal } from './sealed-stream.ts'

const passphrase = new Secret('a quiet morning by the sea')

async function* pieces(bytes: Uint8Array, size = 10_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = []
  for await (const bytes of stream) found.push(bytes)
  return Buffer.concat(found)
}

test.each([0, 65_536, 200_000])('%i bytes come back, sealed and not', async (size) => {
  const content = randomBytes(size)
  for (const secret of [passphrase, undefined]) {
    const sealed = await all(seal(pieces(content), secret))
    expect(await all(unseal(pieces(sealed, 777), secret))).toEqual(content)
  }
})

test('nothing of the content can be seen, and the same content is never sealed alike', async () => {
  const content = Buffer.from('the name of the house '.repeat(100))
  const [one, other] = [
    await all(seal(pieces(content), passphrase)),
    await all(seal(pieces(content), passphrase)),
  ]
  expect(one.includes('house')).toBe(false)
  expect(one.equals(other)).toBe(false)
})

test('another passphrase, a changed byte, a cut, and exchanged chunks are found, and nothing that is wrong is given', async () => {
  const content = randomBytes(200_000)
  const sealed = await all(seal(pieces(content), passphrase))
  const refused = { code: 'backup-locked' }
  await expect(all(unseal(pieces(sealed), new Secret('another')))).rejects.toMatchObject(refused)
  await expect(all(unseal(pieces(sealed)))).rejects.toMatchObject({ code: 'passphrase-missing' })
  await expect(all(unseal(pieces(content)))).rejects.toMatchObject({ code: 'not-a-backup' })
  const start = sealed.indexOf(0x0a, 20) + 1
  const chunk = 65_536 + 16
  const changed = Buffer.from(sealed)
  changed.writeUInt8(sealed.readUInt8(start + chunk + 5) ^ 1, start + chunk + 5)
  // All but the last chunk, which ends where a chunk ends.
  const cut = sealed.subarray(0, start + 3 * chunk)
  const exchanged = Buffer.concat([
    sealed.subarray(0, start),
    sealed.subarray(start + chunk, start + 2 * chunk),
    sealed.subarray(start, start + chunk),
    sealed.subarray(start + 2 * chunk),
  ])
  for (const altered of [changed, cut, exchanged]) {
    const given: Uint8Array[] = []
    const opening = (async () => {
      for await (const bytes of unseal(pieces(altered), passphrase)) given.push(bytes)
    })()
    await expect(opening).rejects.toMatchObject(refused)
    const whole = Buffer.concat(given)
    expect(whole.equals(content.subarray(0, whole.length))).toBe(true)
  }
})
