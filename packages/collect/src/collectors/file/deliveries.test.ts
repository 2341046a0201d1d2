import { expect, test } from 'vitest'
import { Deliveries } from './deliveries.ts'

test('a state is safe once its batch is, and is given once', () => {
  const deliveries = new Deliveries<string>()
  deliveries.given(1, 'a')
  deliveries.given(3, 'c')
  expect(deliveries.safe(0)).toBeUndefined()
  expect(deliveries.safe(2)).toBe('a')
  expect(deliveries.safe(2)).toBeUndefined()
  expect(deliveries.safe(9)).toBe('c')
})

test('with many outstanding, what is kept is coarser and never too far', () => {
  const deliveries = new Deliveries<number>()
  for (let batch = 1; batch <= 5000; batch += 1) deliveries.given(batch, batch)
  const safe = deliveries.safe(2501) ?? 0
  expect(safe).toBeLessThanOrEqual(2501)
  expect(safe).toBeGreaterThan(2400)
})
