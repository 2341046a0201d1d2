import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter, MAX_LINE_BYTES } from './line-splitter.ts'

/** The lines of chunks, as texts, and what is left over. */
function split(...chunks: (string | Buffer)[]) {
  const splitter = new LineSplitter()
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)))
  return {
    lines: lines.map(({ text }) => text),
    rest: splitter.flush()?.text,
    cut: lines.map((l) => l.truncated),
  }
}

describe('LineSplitter', () => {
  test('a line ends with a line feed, with or without a carriage return', () => {
    expect(split('a\nb\r\n\nc')).toMatchObject({ lines: ['a', 'b', ''], rest: 'c' })
    expect(split('a\r', '\nb')).toMatchObject({ lines: ['a'], rest: 'b' })
    expect(split('a\rb\n')).toMatchObject({ lines: ['a\rb'] })
  })

  test('characters across chunks stay whole, control characters stay, faulty bytes become U+FFFD', () => {
    const euro = Buffer.from('€')
    expect(split(euro.subarray(0, 1), euro.subarray(1, 2), euro.subarray(2), '\n').lines).toEqual(['€'])
    expect(split('a\0b\u001b[31m\n').lines).toEqual(['a\0b\u001b[31m'])
    expect(split(Buffer.from([0x61, 0xff, 0xc3, 0x0a])).lines).toEqual(['a\ufffd\ufffd'])
  })

  test('a line of 1 MB is cut at 64 KiB, and the next one is whole', () => {
    const { lines, cut } = split('x'.repeat(500_000), 'x'.repeat(500_000), '\nnext\n')
    expect(lines.map(({ length }) => length)).toEqual([MAX_LINE_BYTES, 4])
    expect(cut).toEqual([true, false])
  })

  test('a cut does not fall into a character', () => {
    for (const pad of [0, 1, 2, 3]) {
      const [text = ''] = split(`${'x'.repeat(pad)}${'😀'.repeat(20_000)}\n`).lines
      expect(text).not.toContain('\ufffd')
      expect(MAX_LINE_BYTES - Buffer.byteLength(text)).toBeLessThan(4)
    }
  })

  test('exactly 64 KiB is not cut', () => {
    expect(split(`${'x'.repeat(MAX_LINE_BYTES)}\n`).cut).toEqual([false])
    expect(split(`${'x'.repeat(MAX_LINE_BYTES + 1)}\n`).cut).toEqual([true])
  })

  test('how bytes are cut into chunks changes nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(50)), (bytes, cuts) => {
        const whole = Buffer.from(bytes)
        const chunks: Buffer[] = []
        let at = 0
        for (const length of [...cuts, whole.length]) {
          chunks.push(whole.subarray(at, at + length))
          at += length
        }
        expect(split(...chunks)).toEqual(split(whole))
      }),
    )
  })
})
