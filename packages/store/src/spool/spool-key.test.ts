import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { silentLogger } from '@vedette/base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { batch } from '../testing/sample-events.ts'
import { openSpool } from './open-spool.ts'
import { HEADER_BYTES } from './record.ts'
import { SEGMENT_HEADER_BYTES } from './segment.ts'

let folder: string
let keyFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-sealed-'))
  keyFile = join(folder, 'spool-key')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const inSpool = () => join(folder, 'spool')
const open = (options = {}) => openSpool(inSpool(), { log: silentLogger, keyFile, ...options })

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
      expect(one).toEqual(batch(one.sequence))
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
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    for (const name of readdirSync(inSpool())) {
      const bytes = readFileSync(join(inSpool(), name))
      expect(bytes.includes('curl')).toBe(false)
      // Nor packed: the mark of a Zstandard frame (RFC 8878, 3.1.1).
      expect(bytes.includes(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))).toBe(false)
    }
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('without its key is not opened and stays as it is, until the key is back', async () => {
    await keep()
    // A torn end, which opening would otherwise cut off.
    writeFileSync(join(inSpool(), '000000000001.spool'), 'torn', { flag: 'a' })
    const before = contents()
    renameSync(keyFile, `${keyFile}.away`)
    await expect(open()).rejects.toMatchObject({ code: 'spool-key-missing' })
    await expect(open({ keyFile: undefined })).rejects.toMatchObject({ code: 'spool-key-missing' })
    expect(contents()).toEqual(before)
    expect(readdirSync(folder)).not.toContain('spool-key')
    renameSync(`${keyFile}.away`, keyFile)
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test('with another key is not opened and stays as it is', async () => {
    await keep()
    writeFileSync(join(inSpool(), '000000000001.spool'), 'torn', { flag: 'a' })
    const before = contents()
    const right = readFileSync(keyFile)
    writeFileSync(keyFile, 'a'.repeat(64))
    await expect(open()).rejects.toMatchObject({ code: 'spool-key-wrong' })
    expect(contents()).toEqual(before)
    writeFileSync(keyFile, right)
    expect(await all()).toEqual({ sequences: [1, 0], lost: 0 })
  })

  test.each([
    ['that others may read', () => chmodSync(keyFile, 0o644)],
    ['that is cut', () => writeFileSync(keyFile, 'abc')],
  ])('a key file %s is refused', async (_what, spoil) => {
    await keep()
    spoil()
    await expect(open()).rejects.toMatchObject({ code: 'spool-key-unusable' })
  })

  test('batches of before there was a key are given, too', async () => {
    await keep({ keyFile: undefined })
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
