import { expect, test } from 'vitest'
import { timePart } from './time-part.ts'

test.each([
  ['2026-11-20T11:05:53Z', [5, 11, 20, 47, 11, 2026]],
  ['2026-11-20T11:05:53.1234567Z', [5, 11, 20, 47, 11, 2026]],
  ['2026-11-20 23:30:00', [30, 23, 20, 47, 11, 2026]],
  ['2026-11-20T23:30:00+02:00', [30, 21, 20, 47, 11, 2026]],
  ['2026-12-31T23:30:00-01:00', [30, 0, 1, 53, 1, 2027]],
  ['2024-12-30', [0, 0, 30, 1, 12, 2024]],
  ['2021-01-03', [0, 0, 3, 53, 1, 2021]],
  [1_700_000_000, [13, 22, 14, 46, 11, 2023]],
  [1_700_000_000_000, [13, 22, 14, 46, 11, 2023]],
  ['1700000000.5', [13, 22, 14, 46, 11, 2023]],
] as const)('X11 the parts of %s in UTC', (value, parts) => {
  const names = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const
  expect(names.map((name) => timePart(value, name))).toEqual(parts)
})

test.each([
  '',
  'yesterday',
  '2026-13-01',
  '2026-02-30',
  '2026-01-01T24:00:00',
  '12:30',
  null,
  true,
  {},
  Number.NaN,
  1e300,
])('X11 %j is no time', (value) => expect(timePart(value, 'hour')).toBeUndefined())
