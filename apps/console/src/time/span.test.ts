import { expect, test } from 'vitest'
import { momentOf, momentText, readSpan, spanBounds } from './span.ts'

const NOON = Date.UTC(2026, 0, 15, 12)

test('readSpan() takes what it knows and leaves out the rest', () => {
  expect(readSpan({ range: '1h' })).toEqual({ range: '1h' })
  expect(readSpan({ range: 'all', q: 'x' })).toEqual({ range: 'all' })
  expect(readSpan({ range: 'toString' })).toEqual({})
  expect(readSpan({ range: 3, from: 'yesterday' })).toEqual({})
  // Two moments say more than a word.
  expect(readSpan({ range: '1h', from: '2026-01-15T12:00:00Z' })).toEqual({
    from: '2026-01-15T12:00:00.000Z',
  })
})

test('spanBounds() counts back from now, and keeps what was said exactly', () => {
  const until = '2026-01-15T12:00:00.000Z'
  expect(spanBounds({}, NOON, '24h')).toEqual({ since: '2026-01-14T12:00:00.000Z', until })
  expect(spanBounds({ range: '15m' }, NOON, '24h')).toEqual({ since: '2026-01-15T11:45:00.000Z', until })
  expect(spanBounds({ range: 'all' }, NOON, '24h')).toEqual({ since: null, until })
  const to = '2026-01-02T00:00:00.000Z'
  expect(spanBounds({ to }, NOON, '24h')).toEqual({ since: null, until: to })
})

test('a moment goes through a field and back', () => {
  for (const utc of [true, false]) {
    expect(momentOf(momentText('2026-01-15T12:34:00.000Z', utc), utc)).toBe('2026-01-15T12:34:00.000Z')
  }
  expect(momentText('2026-01-15T12:34:56.789Z', true)).toBe('2026-01-15T12:34')
  expect(momentOf('', true)).toBeUndefined()
  expect(momentText(undefined, true)).toBe('')
})
