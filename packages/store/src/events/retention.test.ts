import { describe, expect, test } from 'vitest'
import { CautiousClock, expiredDays } from './retention.ts'

const DAY = 86_400_000
const noon = Date.UTC(2026, 5, 15, 12)

describe('expiredDays()', () => {
  test('gives the days whose last moment is more than the retention and a day ago', () => {
    const days = ['20260513', '20260514', '20260515', '20260614', 'all']
    // 14 May ended 31 days and 12 hours before, 15 May a day later.
    expect(expiredDays(days, noon, 30)).toEqual(['20260513', '20260514'])
    expect(expiredDays(days, noon + DAY / 2, 30)).toEqual(['20260513', '20260514'])
    expect(expiredDays(days, noon + DAY / 2 + 1, 30)).toEqual(['20260513', '20260514', '20260515'])
  })
})

describe('CautiousClock', () => {
  function clocks(lastKnown: number) {
    const time = { wall: lastKnown, monotonic: 0 }
    const clock = new CautiousClock({ now: () => time.wall, monotonic: () => time.monotonic }, lastKnown)
    const pass = (ms: number) => {
      time.wall += ms
      time.monotonic += ms
    }
    return { time, clock, pass }
  }

  test('goes with the wall clock, back as well', () => {
    const { time, clock, pass } = clocks(noon)
    pass(40 * DAY)
    expect(clock.now()).toBe(noon + 40 * DAY)
    time.wall -= DAY
    expect(clock.now()).toBe(noon + 39 * DAY)
  })

  test('does not believe a jump of ten years until it has lasted a day', () => {
    const { time, clock, pass } = clocks(noon)
    time.wall += 3650 * DAY
    expect(clock.now()).toBe(noon)
    pass(DAY / 2)
    expect(clock.now()).toBe(noon + DAY / 2)
    pass(DAY)
    expect(clock.now()).toBe(noon + 3650 * DAY + 1.5 * DAY)
  })

  test('a jump that is taken back within the day leaves no trace', () => {
    const { time, clock, pass } = clocks(noon)
    time.wall += 3650 * DAY
    clock.now()
    pass(DAY / 2)
    time.wall -= 3650 * DAY
    expect(clock.now()).toBe(noon + DAY / 2)
    time.wall += 3650 * DAY
    pass(DAY / 2 + 1)
    expect(clock.now()).toBe(noon + DAY + 1)
  })
})
