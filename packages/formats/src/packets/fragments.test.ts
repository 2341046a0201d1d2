import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { Fragments } from './fragments.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test('a datagram is whole when all its fragments came, in any order; the first of two counts', () => {
  const fragments = new Fragments()
  expect(fragments.add('a', bytes('89abcdef'), 8, true, 50, 0)).toBeUndefined()
  expect(fragments.add('a', bytes('XXXXXXXXgh'), 8, false, 52, 0)).toBeUndefined()
  expect(fragments.add('b', bytes('01234567'), 0, true, 50, 0)).toBeUndefined()
  const whole = fragments.add('a', bytes('01234567'), 0, true, 50, 0)
  expect(Buffer.from(whole?.payload ?? []).toString()).toBe('0123456789abcdefgh')
  expect(whole).toMatchObject({ packets: 3, wireBytes: 152 })
  expect(fragments.givenUp).toBe(0)
})

test('what is never whole is given up and counted', () => {
  const fragments = new Fragments({ datagrams: 2, bytes: 1 << 20, timeoutMs: 1000 })
  for (const key of ['a', 'b', 'c']) fragments.add(key, bytes('01234567'), 0, true, 50, 0)
  expect(fragments.givenUp).toBe(1)
  fragments.add('d', bytes('01234567'), 0, true, 50, 1000)
  expect(fragments.givenUp).toBe(3)
  // Beyond the longest datagram, not of whole units, empty.
  fragments.add('e', bytes('01234567'), 65_528, false, 50, 1000)
  fragments.add('e', bytes('0123'), 0, true, 50, 1000)
  fragments.add('e', bytes(''), 0, true, 50, 1000)
  expect(fragments.givenUp).toBe(6)
})

test('memory is bounded', () => {
  const fragments = new Fragments({ datagrams: 100, bytes: 100_000, timeoutMs: 1000 })
  for (let key = 0; key < 10; key += 1) fragments.add(`${key}`, bytes('01234567'), 60_000, true, 50, 0)
  expect(fragments.givenUp).toBe(9)
})
