import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { silentLogger, systemClock } from '@vedette/base'
import { unpackBatch } from '@vedette/model/batch-frame'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Keyring } from '../keys/keyring.ts'
import { SealingKey } from '../keys/sealing-key.ts'
import { batch } from '../testing/sample-events.ts'
import { openSpool } from './open-spool.ts'
import { HEADER_BYTES } from './record.ts'
import { SEGMENT_HEADER_BYTES } from './segment.ts'
import { spoolKeys } from './spool-keys.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-sealed-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const inKeys = () => join(folder, 'keys')
const keyring = (name = 'keys') =>
  Keyring.open({
    folder: join(folder, name),
    master: { from: 'generated', file: join(folder, name, 'master.key') },
    clock: systemClock,
  })
const inSpool = () => join(folder, 'spool')
const open = (options = {}) =>
  openSpool(inSpool(), { log: silentLogger, keys: spoolKeys(keyring()), ...options })

/** Everything that lies in the spool's folder, as it is. */
const contents = () =>
  readdirSync(inSpool())
    .filter((name) => /^\d/.test(name))
    .sort()
    .map((name) => [name, readFileSync(join(inSpool(), name)).toString('hex')])

async function all(): Promise<{ readonly sequences: number[]; readonly lost: number }> {
  await using spool = await open()
  const stop = new AbortController()
  const sequences: number[] = []
  const reading = (async () => {
    for await (const one of spool.pending(stop.signal)) {
      expect(unpackBatch(one)).toEqual(batch(one.sequence))
      sequences.push(one.sequence)
    }
  })()
  await expect.poll(() => sequences.length - spool.waiting).toBe(0)
  stop.abort()
  await reading
  return { sequences, lost: spool.counters().lost }
}

async function keep(options = {}): Promise<void> {
  await using spool = await open(options)
  await spool.append(batch(0))
  await spool.append(batch(1), 'urgent')
}

describe('a sealed spool', () => {
  test('gives its batches to who has the key, and shows nothing of them', async () => {
    await keep()
    for (const name of readdirSync(inSpool())) {
      const bytes = readFileSync(join(inSpool(), name))
      expect(bytes.includes('curl')).toBe(false)
      // Nor packed: the mark of a Zstandard frame (RFC 8878, 3.1.1).
      expect(bytes.includes(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))).toBe(false)
    }
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('without its keys is not opened and stays as it is, until they are back', async () => {
    await keep()
    // A torn end, which opening would otherwise cut off.
    writeFileSync(join(inSpool(), '000000000001.spool'), 'torn', { flag: 'a' })
    const before = contents()
    renameSync(inKeys(), `${inKeys()}.away`)
    await expect(open()).rejects.toMatchObject({ code: 'spool-key-missing' })
    await expect(open({ keys: undefined })).rejects.toMatchObject({ code: 'spool-key-missing' })
    expect(contents()).toEqual(before)
    expect(readdirSync(folder)).not.toContain('keys')
    renameSync(`${inKeys()}.away`, inKeys())
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('with other keys is not opened and stays as it is', async () => {
    await keep()
    writeFileSync(join(inSpool(), '000000000001.spool'), 'torn', { flag: 'a' })
    const before = contents()
    const other = keyring('other')
    other.key('spool')
    await expect(open({ keys: spoolKeys(other) })).rejects.toMatchObject({ code: 'spool-key-missing' })
    expect(contents()).toEqual(before)
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('gives what was sealed before a rotation and after it', async () => {
    const ring = keyring()
    {
      await using spool = await open({ keys: spoolKeys(ring) })
      await spool.append(batch(0))
      ring.rotate()
      await spool.append(batch(1), 'urgent')
    }
    expect(ring.status()?.keys[0]?.before).toBe(1)
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('sealed with a key that was kept in the clear is opened with it once it is wrapped', async () => {
    const secret = Buffer.alloc(32, 3)
    const plain = new SealingKey(secret)
    const only = { current: () => plain, find: (id: string) => (id === plain.id ? plain : undefined) }
    await keep({ keys: only })
    const ring = keyring()
    ring.adopt('spool', secret)
    expect(ring.rotate()).toBe(1)
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('batches of before there was a key are given, too', async () => {
    await keep({ keys: undefined })
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('a batch that was changed together with its checksum is not given, and counted', async () => {
    await keep()
    const path = join(inSpool(), '000000000001.spool')
    const bytes = readFileSync(path)
    const length = bytes.readUInt32BE(SEGMENT_HEADER_BYTES + 8)
    const start = SEGMENT_HEADER_BYTES + HEADER_BYTES
    bytes.writeUInt8(bytes.readUInt8(start + 20) ^ 1, start + 20)
    for (const at of [SEGMENT_HEADER_BYTES, start + length]) {
      const header = bytes.subarray(at, at + HEADER_BYTES)
      header.writeUInt32BE(crc32(bytes.subarray(start, start + length)), 12)
      header.writeUInt32BE(crc32(header.subarray(8)), 4)
    }
    writeFileSync(path, bytes)
    expect(await all()).toEqual({ sequences: [1], lost: 3 })
  })
})
