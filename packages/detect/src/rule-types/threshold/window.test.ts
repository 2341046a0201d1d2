import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CountingWindow } from './window.ts'

/** Adds events at these times and gives the positions of those that fired. */
function firing(
  window: CountingWindow<number>,
  times: readonly number[],
  values?: readonly string[],
): number[] {
  return times.flatMap((time, i) =>
    window.add('g', { time, id: `e${i}`, value: values?.[i] }, i).fires ? [i] : [],
  )
}

const seconds = (count: number, windowMs = 60_000) => new CountingWindow<number>({ count, windowMs })

describe('CountingWindow', () => {
  test('T1 fires on the nth event and not on the one before', () => {
    expect(firing(seconds(5), [0, 1, 2, 3])).toEqual([])
    expect(firing(seconds(5), [0, 1, 2, 3, 4])).toEqual([4])
    expect(firing(seconds(1), [0])).toEqual([0])
  })

  test('T2 exactly a window apart is within, a millisecond more is not', () => {
    expect(firing(seconds(2), [0, 60_000])).toEqual([1])
    expect(firing(seconds(2), [0, 60_001])).toEqual([])
  })

  test('T3 fires again at twice, four and eight times the count, and then is silent', () => {
    expect(
      firing(
        seconds(2),
        Array.from({ length: 100 }, (_, i) => i),
      ),
    ).toEqual([1, 3, 7, 15])
  })

  test('T3 begins again when a window has passed since it fired', () => {
    expect(firing(seconds(2), [0, 1, 60_001, 60_002, 60_003])).toEqual([1, 3])
    expect(firing(seconds(2), [0, 10, 60_000, 60_010, 60_020])).toEqual([1, 4])
  })

  test('T3 a lasting attack is told once a window', () => {
    const times = Array.from({ length: 600 }, (_, i) => i * 1000)
    expect(firing(seconds(60), times)).toEqual([59, 120, 181, 242, 303, 364, 425, 486, 547])
  })

  test('T4 counts different values', () => {
    const ports = Array.from({ length: 50 }, (_, i) => `${i}`)
    const times = ports.map((_, i) => i)
    expect(firing(seconds(50), times, ports)).toEqual([49])
    expect(firing(seconds(50), times.slice(1), ports.slice(1))).toEqual([])
    expect(firing(seconds(3), [0, 1, 2, 3, 4], ['a', 'b', 'a', 'b', 'c'])).toEqual([4])
  })

  test('T4 a value that comes again is younger', () => {
    const window = seconds(3, 10)
    expect(firing(window, [0, 1, 11, 12], ['a', 'b', 'a', 'c'])).toEqual([])
    expect(window.items('g')).toEqual([2, 3])
  })

  test('T5 late events are put in order; those that are too late are counted as such', () => {
    const window = seconds(3)
    expect(firing(window, [50_000, 10_000, 30_000])).toEqual([2])
    expect(window.items('g')).toEqual([1, 2, 0])
    const strict = seconds(2)
    expect(firing(strict, [60_001, 0])).toEqual([])
    expect(strict.state.late).toBe(1)
  })

  test('T7 follow() takes a full count once', () => {
    const window = seconds(3)
    for (const time of [0, 1, 2]) window.add('g', { time, id: `f${time}` }, time)
    expect(window.follow('g', { time: 3, id: 's' })).toEqual([0, 1, 2])
    expect(window.follow('g', { time: 4, id: 't' })).toBeUndefined()
    expect(window.follow('g', { time: 3, id: 's' })).toEqual([0, 1, 2])
    expect(window.follow('other', { time: 3, id: 's' })).toBeUndefined()
  })

  test('T7 follow() needs the count within the window, before it', () => {
    const window = seconds(3)
    for (const time of [0, 1, 2]) window.add('g', { time, id: `f${time}` }, time)
    expect(window.follow('g', { time: 60_001, id: 's' })).toBeUndefined()
    expect(window.follow('g', { time: 60_000, id: 's' })).toEqual([0, 1, 2])
    const early = seconds(3)
    for (const time of [5, 6, 7]) early.add('g', { time, id: `f${time}` }, time)
    expect(early.follow('g', { time: 6, id: 's' })).toBeUndefined()
  })

  test('T8 the group that was used least recently is given up', () => {
    const window = new CountingWindow<number>({ count: 2, windowMs: 1000, mostGroups: 2 })
    for (const key of ['a', 'b', 'a', 'c']) window.add(key, { time: 0, id: `${key}1` }, 0)
    expect(window.state).toMatchObject({ groups: 2, evicted: 1 })
    expect(window.items('a')).toHaveLength(1)
    expect(window.items('b')).toEqual([])
  })

  test('T8 events in memory are bounded, also of one group', () => {
    const window = new CountingWindow<number>({ count: 10, windowMs: 1e9, mostEntries: 200 })
    for (let i = 0; i < 5000; i += 1) window.add(`g${i % 40}`, { time: i, id: `${i}` }, i)
    expect(window.state.entries).toBeLessThanOrEqual(200)
    const single = new CountingWindow<number>({ count: 10, windowMs: 1e9 })
    for (let i = 0; i < 5000; i += 1) single.add('g', { time: i, id: `${i}` }, i)
    expect(single.state.entries).toBe(80)
  })

  test('T9 an event counts once, and fires again where it fired', () => {
    const window = seconds(3)
    const add = (n: number) => window.add('g', { time: n, id: `${n}` }, n).fires
    expect([0, 1, 2, 0, 1, 2, 2].map((n) => add(n))).toEqual([false, false, true, false, false, true, true])
    expect(window.items('g')).toEqual([0, 1, 2])
  })

  test('T9 judging a batch again fires at the same events', () => {
    const batch = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.constantFrom('a', 'b')), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(batch, fc.integer({ min: 1, max: 6 }), (events, count) => {
        const window = new CountingWindow<number>({ count, windowMs: 100 })
        const judge = () =>
          events.flatMap(([time, key], i) => (window.add(key, { time, id: `${i}` }, i).fires ? [i] : []))
        const first = judge()
        expect(judge()).toEqual(expect.arrayContaining(first.slice(-16)))
      }),
    )
  })

  test('counts what a plain count of the window gives', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 50 }), (times) => {
        const window = new CountingWindow<number>({ count: 100, windowMs: 100 })
        for (const [i, time] of times.entries()) {
          const { count } = window.add('g', { time, id: `${i}` }, i)
          const newest = Math.max(...times.slice(0, i + 1))
          expect(count).toBe(
            times.slice(0, i + 1).filter((t, j) => t >= newest - 100 && isCounted(times, j)).length,
          )
        }
      }),
    )
  })
})

/** Whether the event was not too late when it came. */
function isCounted(times: readonly number[], index: number): boolean {
  return (times[index] ?? 0) >= Math.max(...times.slice(0, index + 1)) - 100
}
