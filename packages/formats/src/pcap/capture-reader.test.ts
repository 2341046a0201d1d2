import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { CaptureReader, isCapture } from './capture-reader.ts'

/** What is told of each packet, as text. */
function read(file: Uint8Array, pieceBytes = file.length) {
  const packets: string[] = []
  const reader = new CaptureReader((bytes, start, end, wireLength, linkType, timeMs) => {
    packets.push(
      `${timeMs} ${linkType} ${wireLength} ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`,
    )
  })
  for (let at = 0; at < file.length; at += pieceBytes) reader.push(file.subarray(at, at + pieceBytes))
  reader.end()
  return { packets, damage: reader.damage }
}

/** Numbers of 32 bits, or texts, one behind the other; texts are filled up to 4 bytes. */
function words(little: boolean, ...parts: (number | string)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string')
        return Buffer.concat([Buffer.from(part, 'latin1'), Buffer.alloc((4 - (part.length % 4)) % 4)])
      const word = Buffer.alloc(4)
      if (little) word.writeUInt32LE(part >>> 0)
      else word.writeUInt32BE(part >>> 0)
      return word
    }),
  )
}

function block(little: boolean, type: number, ...parts: (number | string)[]): Buffer {
  const body = words(little, ...parts)
  const length = body.length + 12
  return Buffer.concat([words(little, type, length), body, words(little, length)])
}

const packet = (little: boolean, seconds: number, fraction: number, text: string, wire = text.length) =>
  Buffer.concat([words(little, seconds, fraction, text.length, wire), Buffer.from(text, 'latin1')])

test.each([
  ['microseconds, little-endian', true, 0xa1b2c3d4, 250_001],
  ['microseconds, big-endian', false, 0xa1b2c3d4, 250_001],
  ['nanoseconds, little-endian', true, 0xa1b23c4d, 250_001_999],
  ['nanoseconds, big-endian', false, 0xa1b23c4d, 250_001_999],
])('pcap with %s', (_, little, magic, fraction) => {
  const file = Buffer.concat([
    words(little, magic, 0, 0, 0, 65_535, 113),
    packet(little, 1_700_000_000, fraction, 'first'),
    packet(little, 1_700_000_001, 0, 'cut', 1500),
  ])
  const expected = {
    packets: ['1700000000250.001 113 5 first', '1700000001000 113 1500 cut'],
    damage: [],
  }
  expect(isCapture(file)).toBe(true)
  expect(read(file)).toEqual(expected)
  for (const pieceBytes of [1, 3, 7, 25]) expect(read(file, pieceBytes)).toEqual(expected)
})

const section = (little: boolean) => block(little, 0x0a0d0d0a, 0x1a2b3c4d, 1, 0xffff_ffff, 0xffff_ffff)

test.each([true, false])('pcapng, little-endian: %s', (little) => {
  const half = (first: number, second: number) => (little ? second * 65_536 + first : first * 65_536 + second)
  // if_tsresol of 10^-9, if_tsoffset of 100 s.
  const precise = Buffer.concat([words(little, half(9, 1)), Buffer.from([9, 0, 0, 0])])
  const shifted = Buffer.concat([
    words(little, half(14, 8), little ? 100 : 0, little ? 0 : 100),
    words(little, half(0, 0)),
  ])
  const ns = 1_700_000_000_250_001_999n
  const file = Buffer.concat([
    section(little),
    block(little, 1, half(1, 0), 0),
    block(little, 1, half(276, 0), 5, precise.toString('latin1'), shifted.toString('latin1')),
    // Of no use here, and longer than what is kept.
    block(little, 0x0bad, 'x'.repeat(400_000)),
    block(little, 6, 0, 395_812, 0x1000, 5, 60, 'first'),
    block(little, 6, 1, Number(ns >> 32n), Number(ns & 0xffff_ffffn), 6, 6, 'second'),
    block(little, 3, 2, 'hi'),
    block(little, 2, half(1, 0), Number(ns >> 32n), Number(ns & 0xffff_ffffn), 3, 3, 'old'),
    section(!little),
    block(!little, 1, little ? 0x0065_0000 : 0x0065, 0),
    block(!little, 6, 0, 0, 5000, 4, 4, 'next'),
  ])
  const expected = {
    packets: [
      `${(395_812 * 2 ** 32 + 0x1000) / 1000} 1 60 first`,
      '1700000100250.001 276 6 second',
      '1700000100250.001 1 2 hi',
      '1700000100250.001 276 3 old',
      '5 101 4 next',
    ],
    damage: [],
  }
  expect(isCapture(file)).toBe(true)
  expect(read(file)).toEqual(expected)
  expect(read(file, 4099)).toEqual(expected)
})

test('damage is told with its place', () => {
  const header = words(true, 0xa1b2c3d4, 0, 0, 0, 65_535, 1)
  const good = packet(true, 1, 0, 'good')
  expect(read(Buffer.concat([header, good, packet(true, 2, 0, 'short').subarray(0, 18)]))).toEqual({
    packets: ['1000 1 4 good'],
    damage: [{ offset: 44, reason: 'cut-short' }],
  })
  expect(read(Buffer.concat([header, good, words(true, 2, 0, 0x7fff_ffff, 5), good])).damage).toEqual([
    { offset: 44, reason: 'packet-too-long' },
  ])
  expect(read(Buffer.from('nothing that anybody knows'))).toEqual({
    packets: [],
    damage: [{ offset: 0, reason: 'no-capture' }],
  })
  const sheet = section(true)
  expect(
    read(
      Buffer.concat([
        sheet,
        block(true, 6, 7, 0, 0, 2, 2, 'no'),
        block(true, 1, 1, 0),
        block(true, 3, 2, 'ok'),
      ]),
    ),
  ).toEqual({
    packets: ['0 1 2 ok'],
    damage: [{ offset: 28, reason: 'unknown-interface' }],
  })
  expect(read(Buffer.concat([sheet, words(true, 6, 13, 0, 0)])).damage).toEqual([
    { offset: 28, reason: 'block-length' },
  ])
  expect(read(Buffer.concat([sheet, words(true, 0x0bad, 4000, 0, 0)])).damage).toEqual([
    { offset: 44, reason: 'cut-short' },
  ])
})
