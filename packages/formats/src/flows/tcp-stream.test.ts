import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteBudget } from './byte-budget.ts'
import { TcpStream } from './tcp-stream.ts'

function stream(budget = new ByteBudget(1 << 20)) {
  const parts: string[] = []
  const made = new TcpStream(
    'client',
    {
      push: (_, bytes) => void parts.push(Buffer.from(bytes).toString('latin1')),
      gap: (_, length) => void parts.push(`<${length}>`),
    },
    budget,
  )
  const push = (sequence: number, text: string, missing = 0) => {
    const bytes = Buffer.from(text, 'latin1')
    made.push(sequence | 0, bytes, 0, bytes.length, missing, 0)
  }
  return { stream: made, push, text: () => parts.join(''), budget }
}

test('what comes out of order waits; what comes twice is left out', () => {
  const { stream: made, push, text, budget } = stream()
  made.startAt(100)
  push(103, 'def')
  push(100, 'ab')
  expect(text()).toBe('ab')
  push(100, 'ab')
  push(101, 'bc')
  expect(text()).toBe('abcdef')
  push(106, 'g')
  expect(text()).toBe('abcdefg')
  expect(budget.used).toBe(0)
})

test('of bytes that come twice the first count, whether handed on or waiting', () => {
  const { push, text } = stream()
  push(0, 'ab')
  push(4, 'EF')
  push(2, 'cdXXgh')
  push(1, 'YYYY')
  expect(text()).toBe('abcdEFgh')
})

test('bytes that the receiver acknowledged and the capture has not are a gap', () => {
  const { stream: made, push, text } = stream()
  push(0, 'ab')
  push(10, 'kl')
  made.acknowledged(9, 0)
  expect(text()).toBe('ab')
  made.acknowledged(12, 0)
  expect(text()).toBe('ab<8>kl')
  push(20, 'uv')
  made.flush(0)
  expect(text()).toBe('ab<8>kl<8>uv')
})

test('numbers wrap', () => {
  const { stream: made, push, text } = stream()
  made.startAt(0xffff_fffe | 0)
  push(2, 'ef')
  push(0, 'cd')
  push(0xffff_fffe, 'ab')
  expect(text()).toBe('abcdef')
})

test('bytes that the capture cut away are a gap', () => {
  const { push, text } = stream()
  push(0, 'ab', 3)
  push(5, 'fg')
  expect(text()).toBe('ab<3>fg')
})

test('no more waits than there is room for', () => {
  const { push, text, budget } = stream(new ByteBudget(4))
  push(0, 'a')
  push(4, 'efgh')
  expect(budget.used).toBe(4)
  push(12, 'm')
  expect(text()).toBe('a<3>efgh<4>m')
  expect(budget.used).toBe(0)
})

test('pieces in any order make the whole', () => {
  const bytesOf = fc.uint8Array({ minLength: 1, maxLength: 400 })
  const piecesOf = fc.array(fc.tuple(fc.nat({ max: 399 }), fc.integer({ min: 1, max: 80 })), {
    maxLength: 40,
  })
  const start = fc.nat({ max: 0xffff_ffff })
  const order = fc.infiniteStream(fc.nat({ max: 1000 }))
  fc.assert(
    fc.property(bytesOf, piecesOf, start, order, (bytes, extra, first, places) => {
      const pieces: [number, number][] = []
      for (let at = 0; at < bytes.length; at += 37) pieces.push([at, Math.min(bytes.length, at + 37)])
      for (const [at, length] of extra)
        if (at < bytes.length) pieces.push([at, Math.min(bytes.length, at + length)])
      const shuffled = pieces
        .map((piece) => ({ piece, place: places.next().value ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ piece }) => piece)
      const parts: Uint8Array[] = []
      const budget = new ByteBudget(1 << 20)
      const made = new TcpStream(
        'server',
        {
          push: (_, part) => void parts.push(part.slice()),
          gap: () => expect.unreachable('nothing is missing'),
        },
        budget,
      )
      made.startAt(first | 0)
      for (const [from, to] of shuffled) made.push((first + from) | 0, bytes, from, to, 0, 0)
      expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes))
      expect(budget.used).toBe(0)
    }),
    { numRuns: 500 },
  )
})
