import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineBlocks, MAX_LINE_BYTES } from './line-blocks.ts'

interface Cut {
  readonly lines: string[]
  readonly offsets: number[]
  readonly tooLong: number[]
}

function cutLines(pieces: readonly Uint8Array[]): Cut {
  const cut: Cut = { lines: [], offsets: [], tooLong: [] }
  const blocks = new LineBlocks({
    block(bytes, offset) {
      for (const line of bytes.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? []) {
        cut.offsets.push(offset)
        cut.lines.push(line)
        offset += line.length
      }
    },
    tooLong: (offset) => void cut.tooLong.push(offset),
  })
  for (const piece of pieces) blocks.push(piece)
  blocks.end()
  return cut
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )
}

describe('LineBlocks', () => {
  test.each([1000, 65_536, 100_000, 5_000_000])(
    'hands on the longest line and leaves out longer ones, %i a piece',
    (size) => {
      const longest = `${'a'.repeat(MAX_LINE_BYTES)}\n`
      const longer = `${'b'.repeat(MAX_LINE_BYTES + 1)}\n`
      const bytes = Buffer.from(`x\n${longest}${longer}y\n${longer}${longer}z`)
      const cut = cutLines(pieces(bytes, size))
      expect(cut.lines.map((line) => line.slice(0, 2))).toEqual(['x\n', 'aa', 'y\n', 'z'])
      expect(cut.lines[1] === longest).toBe(true)
      const second = 2 + longest.length
      const third = second + longer.length + 2
      expect(cut.tooLong).toEqual([second, third, third + longer.length])
      expect(cut.offsets).toEqual([0, 2, second + longer.length, third + 2 * longer.length])
    },
  )

  test('leaves out a last line that is too long', () => {
    const bytes = Buffer.from(`x\n${'b'.repeat(MAX_LINE_BYTES + 1)}`)
    expect(cutLines(pieces(bytes, 300_000))).toEqual({ lines: ['x\n'], offsets: [0], tooLong: [2] })
    expect(cutLines([bytes])).toEqual({ lines: ['x\n'], offsets: [0], tooLong: [2] })
  })

  test('cuts where the line feeds are, however the bytes come', () => {
    const text = fc.array(fc.constantFrom('a', '\n', 'bc', '\r\n', '')).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (text, size) => {
        const bytes = Buffer.from(text)
        const cut = cutLines(pieces(bytes, size))
        expect(cut.lines).toEqual(text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
        cut.offsets.forEach((offset, i) => expect(text.startsWith(cut.lines[i] ?? '?', offset)).toBe(true))
      }),
    )
  })
})
