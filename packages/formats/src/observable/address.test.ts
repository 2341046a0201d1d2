import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskAddress, readAddress, readRange, writeAddress } from './address.ts'

const words = new Uint32Array(4)

function read(text: string): readonly [number, string] | undefined {
  const family = readAddress(text, words)
  return family === 0 ? undefined : [family, writeAddress(family, words)]
}

test.each([
  ['192.0.2.7', 4, '192.0.2.7'],
  ['0.0.0.0', 4, '0.0.0.0'],
  ['255.255.255.255', 4, '255.255.255.255'],
  ['::ffff:192.0.2.7', 4, '192.0.2.7'],
  ['::FFFF:c000:207', 4, '192.0.2.7'],
  ['2001:DB8:0:0:8:800:200C:417A', 6, '2001:db8::8:800:200c:417a'],
  ['2001:db8:0:1:1:1:1:1', 6, '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', 6, '2001:0:0:1::1'],
  ['::', 6, '::'],
  ['::1', 6, '::1'],
  ['1::', 6, '1::'],
  ['1:2:3:4:5:6:7::', 6, '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', 6, '0:2:3:4:5:6:7:8'],
  ['fe80::1%eth0', 6, 'fe80::1'],
  ['64:ff9b::192.0.2.33', 6, '64:ff9b::c000:221'],
])('readAddress() reads %s and writeAddress() writes it as RFC 5952 does', (text, family, written) => {
  expect(read(text)).toEqual([family, written])
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4 ',
  '1.2.3.a',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  '1:2:3:4:5:6:7:1.2.3.4',
  'g::1',
  '::1:',
  'a.example',
  'deadbeef',
])('readAddress() refuses %j', (text) => {
  expect(read(text)).toBeUndefined()
})

test('readAddress() reads what Node takes for an address, and nothing else', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.%'.split('')), maxLength: 45 })
  fc.assert(
    fc.property(fc.oneof(near, fc.ipV4(), fc.ipV6()), (text) => {
      // A zone without a name is one to us: what stands before it is an address all the same.
      fc.pre(!text.includes('%'))
      expect(readAddress(text, words) !== 0).toBe(isIP(text) !== 0)
    }),
    { numRuns: 1000 },
  )
})

test('an address that was written is read as the same', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      readAddress(text, words)
      const before = [...words]
      const written = writeAddress(6, words)
      const family = readAddress(written, words)
      if (family === 6) expect([...words]).toEqual(before)
      else expect(words[0]).toBe(before[3])
    }),
  )
})

test('readRange() clears what stands below the prefix', () => {
  expect(readRange('192.0.2.200/25', words)).toEqual({ family: 4, prefix: 25 })
  expect(writeAddress(4, words)).toBe('192.0.2.128')
  expect(readRange('2001:db8:ffff::1/33', words)).toEqual({ family: 6, prefix: 33 })
  expect(writeAddress(6, words)).toBe('2001:db8:8000::')
  expect(readRange('198.51.100.7', words)).toEqual({ family: 4, prefix: 32 })
  expect(readRange('198.51.100.7/33', words)).toBeUndefined()
  expect(readRange('198.51.100.7/', words)).toBeUndefined()
  expect(readRange('198.51.100.7/8/8', words)).toBeUndefined()
  expect(readRange('::ffff:198.51.100.7/104', words)).toBeUndefined()
  maskAddress(4, words.fill(0xffff_ffff), 0)
  expect(words[0]).toBe(0)
})
