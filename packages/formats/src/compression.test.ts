import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CompressionError, decompress, recogniseCompression } from './compression.ts'

async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}

const text = Buffer.from(Array.from({ length: 5000 }, (_, n) => `line ${n}\n`).join(''))

describe.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('%s', (compression, compress) => {
  const compressed = compress(text)

  test('is recognised, and comes back whole', async () => {
    expect(recogniseCompression(compressed)).toBe(compression)
    expect(await all(decompress(pieces(compressed), compression))).toEqual(text)
  })

  test('several one after another are one', async () => {
    const two = Buffer.concat([compressed, compress(Buffer.from('more'))])
    for (const size of [1, 7, 1000, compressed.length, 1_000_000]) {
      const found = await all(decompress(pieces(two, size), compression))
      expect(found.equals(Buffer.concat([text, Buffer.from('more')]))).toBe(true)
    }
  })

  test('gives what came before damage, and says so', async () => {
    const cut = compressed.subarray(0, compressed.length - 20)
    await expect(all(decompress(pieces(cut), compression))).rejects.toMatchObject({
      code: 'broken-compression',
    })
    await expect(all(decompress(pieces(Buffer.from('no')), compression))).rejects.toBeInstanceOf(
      CompressionError,
    )
  })

  test('stops at the limits', async () => {
    const limits = { maxOutputBytes: 10_000, maxRatio: 1000 }
    await expect(all(decompress(pieces(compressed), compression, limits))).rejects.toMatchObject({
      code: 'expands-too-much',
    })
    const bomb = compress(Buffer.alloc(100 * 1024 ** 2))
    let output = 0
    const read = async (): Promise<void> => {
      const bounded = decompress(pieces(bomb), compression, { maxOutputBytes: 1024 ** 4, maxRatio: 100 })
      for await (const piece of bounded) output += piece.length
    }
    await expect(read()).rejects.toMatchObject({ code: 'expands-too-much' })
    expect(output).toBeLessThan(80 * 1024 ** 2)
  })

  test('one large piece that expands a lot is no bomb', async () => {
    const large = compress(Buffer.alloc(70 * 1024 ** 2, 'a line of a log that comes again and again\n'))
    let output = 0
    for await (const piece of decompress(pieces(large, 1 << 20), compression)) output += piece.length
    expect(output).toBe(70 * 1024 ** 2)
  })

  test('closes its source when the reader stops', async () => {
    let closed = false
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield* pieces(compressed)
      } finally {
        closed = true
      }
    }
    for await (const _ of decompress(source(), compression)) break
    await expect.poll(() => closed).toBe(true)
  })

  test('throws what its source throws', async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield compressed.subarray(0, 10)
      throw new Error('the disk is gone')
    }
    await expect(all(decompress(source(), compression))).rejects.toThrow('the disk is gone')
  })
})

test('gzip: zeros between two files are passed over, and what is neither is told', async () => {
  const [first, second] = [gzipSync('first '), gzipSync('second')]
  for (const size of [1, 1000]) {
    const padded = Buffer.concat([first, Buffer.alloc(600), second, Buffer.alloc(600)])
    expect(String(await all(decompress(pieces(padded, size), 'gzip')))).toBe('first second')
    const strange = Buffer.concat([first, Buffer.alloc(600), Buffer.from('strange'), second])
    await expect(all(decompress(pieces(strange, size), 'gzip'))).rejects.toMatchObject({
      code: 'broken-compression',
    })
  }
})

test('zstd: a frame to be skipped may come first', async () => {
  const skipped = Buffer.from('502a4d180400000001020304', 'hex')
  const bytes = Buffer.concat([skipped, zstdCompressSync('a'), skipped, zstdCompressSync('b'), skipped])
  expect(recogniseCompression(bytes)).toBe('zstd')
  expect(String(await all(decompress(pieces(bytes), 'zstd')))).toBe('ab')
})

test('what is not compressed, and what cannot be decompressed here', async () => {
  expect(recogniseCompression(Buffer.from('{"a":1}'))).toBeUndefined()
  expect(recogniseCompression(Buffer.from('BZh91AY&SY'))).toBe('bzip2')
  expect(recogniseCompression(new Uint8Array())).toBeUndefined()
  await expect(all(decompress(pieces(text), 'xz'))).rejects.toMatchObject({ code: 'unknown-compression' })
})
