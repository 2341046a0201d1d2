import { expect, test } from 'vitest'
import { kindNames } from './kinds.ts'
import { giveUpOrder, roomLimits, vitalKinds } from './priorities.ts'

test('each kind is given up at one place of the order, and the order goes up', () => {
  const named = giveUpOrder.flatMap(({ kinds }) => kinds)
  expect(new Set(named).size).toBe(named.length)
  const shares = giveUpOrder.map(({ share }) => share)
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
})

test('exec has all of its ring, and what is not named all of the other', () => {
  const limits = roomLimits(1000, 100)
  expect([...limits.keys()]).toEqual(kindNames)
  expect(limits.get('exec')).toBe(1000)
  expect(limits.get('signal')).toBe(100)
  expect(limits.get('send')).toBe(50)
  for (const kind of vitalKinds) expect(limits.get(kind)).toBeGreaterThanOrEqual(900)
})
