import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GroupedWindow, type WindowHit } from './grouped-window.ts'
import { countMeasure, type Measure, percentileMeasure, presenceMeasure, sumMeasure } from './measure.ts'
import { orderMeasure } from './order-measure.ts'

/** Windows against what a plain count over all hits gives. */

const WINDOW_MS = 100
const REFERENCES = 3

type Hit = Required<Pick<WindowHit, 'time' | 'id' | 'reference'>> & { readonly value: number }

const hits = fc
  .array(
    fc.record({
      time: fc.integer({ min: 0, max: 400 }),
      reference: fc.integer({ min: 0, max: REFERENCES - 1 }),
      value: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 60 },
  )
  .map((list): Hit[] => list.map((hit, n) => ({ ...hit, id: `e${n}` })))

/** Hits that are in the window after the last of these, by time, those of one time as they came. */
function inWindow(list: readonly Hit[]): Hit[] {
  let newest = -Infinity
  const kept: Hit[] = []
  for (const hit of list) {
    if (hit.time < newest - WINDOW_MS) continue // too late
    newest = Math.max(newest, hit.time)
    kept.push(hit)
  }
  return kept.filter(({ time }) => time >= newest - WINDOW_MS).sort((a, b) => a.time - b.time)
}

/** How many of the rules, from the first on, have hits one after the other. */
function longestChain(list: readonly Hit[]): number {
  let reached = 0
  for (const { reference } of list) if (reference === reached) reached += 1
  return reached
}

const sum = (list: readonly Hit[]) => list.reduce((total, { value }) => total + value, 0)
const cases: readonly [string, () => Measure, (list: readonly Hit[]) => number][] = [
  ['count', countMeasure, (list) => list.length],
  ['sum', () => sumMeasure(false), sum],
  ['mean', () => sumMeasure(true), (list) => sum(list) / list.length],
  [
    'percentile',
    () => percentileMeasure(75),
    (list) =>
      list.map(({ value }) => value).sort((a, b) => a - b)[Math.ceil(0.75 * list.length) - 1] ?? Number.NaN,
  ],
  [
    'presence',
    () => presenceMeasure(REFERENCES),
    (list) => new Set(list.map(({ reference }) => reference)).size,
  ],
  ['order', () => orderMeasure(REFERENCES, WINDOW_MS), longestChain],
]

describe('GroupedWindow', () => {
  test.each(cases)('K7 the %s of every window is that of its hits, late ones too', (_, measure, expected) => {
    fc.assert(
      fc.property(hits, (list) => {
        const window = new GroupedWindow<Hit>({
          windowMs: WINDOW_MS,
          firing: { meets: () => false },
          measure,
        })
        for (const [n, hit] of list.entries()) {
          const { value, count } = window.add('g', hit, hit)
          const kept = inWindow(list.slice(0, n + 1))
          expect(count).toBe(kept.length)
          expect(value).toBeCloseTo(expected(kept), 9)
        }
        expect(window.state.entries).toBe(inWindow(list).length)
      }),
      { numRuns: 300 },
    )
  })

  test('K9 the number of different values is that of the hits in the window', () => {
    fc.assert(
      fc.property(hits, (list) => {
        const options = {
          windowMs: WINDOW_MS,
          firing: { meets: () => false },
          measure: countMeasure,
          distinct: true,
        }
        const window = new GroupedWindow<Hit>(options)
        for (const [n, hit] of list.entries()) {
          const { value } = window.add('g', hit, hit)
          expect(value).toBe(new Set(inWindow(list.slice(0, n + 1)).map((one) => one.value)).size)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('K6 many hits of one time are told apart as few are, without comparing each with each', () => {
    const window = new GroupedWindow<number>({
      windowMs: WINDOW_MS,
      firing: { meets: () => false },
      measure: countMeasure,
      mostEntries: 1e6,
    })
    const add = (n: number) => window.add('g', { time: 5, id: `e${n}` }, n).count
    for (let n = 0; n < 50_000; n += 1) expect(add(n)).toBe(n + 1)
    for (let n = 0; n < 50_000; n += 7) expect(add(n)).toBe(50_000)
    window.add('g', { time: 500, id: 'later' }, 0)
    expect(window.state.entries).toBe(1)
  })

  test('K8 what a firing carries is kept of the latest hits alone', () => {
    const window = new GroupedWindow<number>({
      windowMs: WINDOW_MS,
      firing: { meets: () => false },
      measure: countMeasure,
      mostItems: 3,
    })
    for (let n = 0; n < 10; n += 1) window.add('g', { time: n, id: '' }, n)
    window.add('g', { time: 4, id: '' }, 40) // late: it is not one of the latest
    expect(window.items('g')).toEqual([7, 8, 9])
    window.add('g', { time: 108, id: '' }, 11)
    expect(window.items('g')).toEqual([8, 9, 11])
  })
})
