import { ApiError, type Client } from '@vedette/client'
import type { Event } from '@vedette/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { storedEvents } from './stored-events.ts'

/** A server that gives the newest first and at most a thousand, as the API promises. */
function serverOf(times: readonly number[]) {
  const events = times.map((time, i) => ({ id: `${i}`, time })).toSorted((a, b) => b.time - a.time)
  let asked = 0
  const client = {
    query: async (_: unknown, { since, until, offset }: { since: string; until: string; offset: number }) => {
      asked += 1
      const [from, to] = [Date.parse(since), Date.parse(until)]
      const within = events.filter(({ time }) => time >= from && time < to)
      return { events: within.slice(offset, offset + 1000).map((data) => ({ data })) }
    },
  }
  return { client: client as unknown as Client, asked: () => asked }
}

async function readAll(client: Client, from: number, until: number, signal = new AbortController().signal) {
  const found: Event[] = []
  for await (const page of storedEvents(client, from, until, signal)) found.push(...page)
  return found
}

test('every event comes once, the oldest first, however they are spread', async () => {
  const spread = fc.array(
    fc.record({ at: fc.nat(3_600_000), events: fc.constantFrom(1, 3, 900, 1000, 1001, 2500) }),
    { maxLength: 6 },
  )
  await fc.assert(
    fc.asyncProperty(spread, async (bursts) => {
      const times = bursts.flatMap(({ at, events }) =>
        Array.from({ length: events }, (_, i) => at + (i % 3) * 0.25),
      )
      const { client } = serverOf(times)
      const found = await readAll(client, 0, 3_600_001)
      expect(found.map(({ time }) => time)).toEqual(times.toSorted((a, b) => a - b))
      expect(new Set(found.map(({ id }) => id)).size).toBe(times.length)
    }),
    { numRuns: 20 },
  )
})

test('a month with little in it takes few questions', async () => {
  const month = 30 * 86_400_000
  const { client, asked } = serverOf([5, month - 5])
  expect(await readAll(client, 0, month)).toHaveLength(2)
  expect(asked()).toBeLessThan(25)
})

test('a steady stream is asked for in pages that are well filled', async () => {
  const { client, asked } = serverOf(Array.from({ length: 20_000 }, (_, i) => i * 10))
  expect(await readAll(client, 0, 200_000)).toHaveLength(20_000)
  expect(asked()).toBeLessThan(80)
})

test('it ends when it is told to', async () => {
  const { client } = serverOf([1, 2, 3])
  expect(await readAll(client, 0, 1000, AbortSignal.abort())).toEqual([])
})

test('a server that is asked too often is asked again; any other fault ends it', async () => {
  const { client: good } = serverOf([1, 2, 3])
  const failing = (code: string, times: number) =>
    ({
      query: async (...args: Parameters<Client['query']>) => {
        times -= 1
        if (times >= 0) throw new ApiError([{ code, message: 'no' }], 429)
        return good.query(...args)
      },
    }) as unknown as Client
  const { signal } = new AbortController()
  const found: Event[] = []
  for await (const page of storedEvents(failing('rate-limited', 3), 0, 1000, signal, { pauseMs: 1 }))
    found.push(...page)
  expect(found).toHaveLength(3)
  const broken = { query: () => Promise.reject(new ApiError([{ code: 'internal', message: 'no' }], 500)) }
  await expect(readAll(broken as unknown as Client, 0, 1000)).rejects.toThrow('no')
})
