import { expect, test } from 'vitest'
import { readIndicatorFilter } from './filter.ts'

test('what an address says of the filter is taken, and nothing else', () => {
  expect(readIndicatorFilter({ show: 'feeds', search: 'evil', seen: 'yes', more: 'x' })).toEqual({
    show: 'feeds',
    search: 'evil',
    seen: 'yes',
  })
  expect(readIndicatorFilter({ show: 'none', search: '', seen: 'no' })).toEqual({})
  expect(readIndicatorFilter({ search: 'x'.repeat(500) }).search).toHaveLength(200)
})
