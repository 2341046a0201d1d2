import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UnitBatch } from './hunt-unit.ts'
import { OrderedResults } from './ordered-results.ts'

function batchOf(text: string): UnitBatch {
  return {
    events: 1,
    readBytes: 1,
    lineFeeds: 0,
    unreadable: [],
    unreadableCount: 0,
    matches: {
      rules: [0],
      records: [1],
      times: [Number.NaN],
      hosts: [''],
      values: [null],
      events: [0],
      texts: [text],
    },
  }
}

test.each([0, 1000, 1 << 20])('puts units in order, whoever is first, with room for %i', async (room) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      async (batchesOf, choices) => {
        const got: string[] = []
        using results = new OrderedResults(
          {
            async batch(unit, { matches }) {
              await turn()
              got.push(`${unit}:${matches.texts.join()}`)
            },
            end: (unit) => void got.push(`${unit} end`),
          },
          room,
        )
        const expected = batchesOf.flatMap((batches, unit) => [
          ...Array.from({ length: batches }, (_, i) => `${unit}:text ${unit} ${i}`),
          `${unit} end`,
        ])
        // Several units at a time, each giving its batches in order; `choices` says whose turn it is.
        const open = batchesOf.map((batches, unit) => ({ unit, batches, given: 0 }))
        const all: Promise<void>[] = []
        while (open.length > 0) {
          const at = (choices.next().value ?? 0) % Math.min(open.length, 4)
          const one = open[at]
          if (!one) break
          if (one.given < one.batches) {
            all.push(results.push(one.unit, batchOf(`text ${one.unit} ${one.given}`)))
            one.given += 1
          } else {
            all.push(results.finish(one.unit, undefined))
            open.splice(at, 1)
          }
        }
        await Promise.all(all)
        expect(got).toEqual(expected)
      },
    ),
    { numRuns: 60 },
  )
})

test('who finds more than is taken has to wait', async () => {
  let let_go: (() => void) | undefined
  const gate = new Promise<void>((resolve) => {
    let_go = resolve
  })
  using results = new OrderedResults({ batch: () => gate, end: () => undefined })
  let taken = false
  const pushed = results.push(0, batchOf('a')).then(() => {
    taken = true
  })
  await turn()
  expect(taken).toBe(false)
  let_go?.()
  await pushed
  expect(taken).toBe(true)
})

test('what the sink throws reaches who pushed', async () => {
  using results = new OrderedResults({
    batch: () => Promise.reject(new RangeError('full')),
    end: () => undefined,
  })
  await expect(results.push(0, batchOf('a'))).rejects.toThrow('full')
})
