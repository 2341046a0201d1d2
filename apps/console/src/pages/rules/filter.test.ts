import { expect, test } from 'vitest'
import { readRuleFilter } from './filter.ts'

test('an address says what is shown; what is not known is left out', () => {
  expect(readRuleFilter({})).toEqual({})
  expect(readRuleFilter({ show: 'exceptions', search: 'cron', severity: 'high', order: 'cost' })).toEqual({
    show: 'exceptions',
    search: 'cron',
    severity: 'high',
    order: 'cost',
  })
  expect(readRuleFilter({ show: 'x', search: '', severity: 'worst', order: 1 })).toEqual({})
  expect(readRuleFilter({ search: 'a'.repeat(300) }).search).toHaveLength(200)
})
