import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { SpoolFile } from './spool-file.ts'

test('gives back what went in, from memory and from the disk, in any order', () => {
  using spool = new SpoolFile()
  const texts = Array.from({ length: 3000 }, (_, i) => `${i} ünï\u0000🐚 ${'x'.repeat((i * 37) % 9000)}`)
  const places = texts.map((text) => spool.append(text))
  expect(spool.sizeBytes).toBeGreaterThan(2 * (4 << 20))
  for (const i of [2999, 0, 1500, 1, 2998, 700]) {
    expect(spool.read(places[i] ?? { offset: 0, sizeBytes: 0 }).toString()).toBe(texts[i])
  }
})

test('a piece larger than the buffer, and pieces that reach from the disk into memory', () => {
  using spool = new SpoolFile()
  const large = 'a'.repeat(10_000_000)
  const place = spool.append(large)
  const small = spool.append('end')
  expect(spool.read(place).toString()).toBe(large)
  expect(spool.read({ offset: place.offset + place.sizeBytes - 2, sizeBytes: 5 }).toString()).toBe('aaend')
  expect(spool.read(small).toString()).toBe('end')
})

test('begins again after clear()', () => {
  using spool = new SpoolFile()
  spool.append('a'.repeat(9_000_000))
  spool.clear()
  const place = spool.append('b')
  expect([place.offset, spool.read(place).toString()]).toEqual([0, 'b'])
})

test('its file has no name that anybody could find', () => {
  const before = new Set(readdirSync(tmpdir()).filter((name) => name.startsWith('vedette-hunt-')))
  using spool = new SpoolFile()
  spool.append('a'.repeat(9_000_000))
  expect(
    readdirSync(tmpdir()).filter((name) => name.startsWith('vedette-hunt-') && !before.has(name)),
  ).toEqual([])
})
