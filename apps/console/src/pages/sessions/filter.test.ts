import { expect, test } from 'vitest'
import { readIntegrityFilter } from '../integrity/filter.ts'
import { readSessionFilter } from './filter.ts'

test('the words of an address become a filter, and what makes no sense is left out', () => {
  expect(readSessionFilter({ host: 'a', unattended: 'yes', range: '7d', x: 1 })).toEqual({
    host: 'a',
    unattended: 'yes',
    range: '7d',
  })
  expect(readSessionFilter({ host: 3, search: '', unattended: 'no' })).toEqual({})
  expect(readIntegrityFilter({ by: 'others', search: 'x'.repeat(500) })).toEqual({
    by: 'others',
    search: 'x'.repeat(200),
  })
  expect(readIntegrityFilter({ by: 'somebody', range: 'never' })).toEqual({})
})
