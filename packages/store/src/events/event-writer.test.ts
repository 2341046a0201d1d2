import { expect, test } from 'vitest'
import { agentA, batch, tenantA, tenantB } from '../testing/sample-events.ts'
import type { Appended, OwnedBatch, PreparedBatch } from './event-store.ts'
import { openEventWriter } from './event-writer.ts'

/** A store whose appends end when the test says so. */
function gatedStore() {
  const appends: { names: string[]; end: PromiseWithResolvers<Appended> }[] = []
  return {
    appends,
    prepare: ({ tenant, agent, batch: { run, sequence, events } }: OwnedBatch): PreparedBatch => ({
      tenant,
      agent,
      run,
      sequence,
      events: events.length,
      rows: Buffer.alloc(0),
    }),
    append(batches: readonly (OwnedBatch | PreparedBatch)[]) {
      const end = Promise.withResolvers<Appended>()
      const names = batches.map((one) =>
        'rows' in one ? `${one.run.at(-1)}${one.sequence}` : 'not prepared',
      )
      appends.push({ names, end })
      return end.promise
    },
  }
}

const owned = (sequence: number, run = '000000000000000a', tenant = tenantA): OwnedBatch => ({
  tenant,
  agent: agentA,
  batch: batch(sequence, 3, run),
})
const settled = { stored: 3, repeated: 0 }
const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

test('what comes close together is one group, and resolves when that is stored', async () => {
  const store = gatedStore()
  const writer = openEventWriter(store, { maxDelayMs: 1 })
  const writes = Promise.all([writer.write(owned(0)), writer.write(owned(1))])
  await turn()
  expect(store.appends.map(({ names }) => names)).toEqual([['a0', 'a1']])
  store.appends[0]?.end.resolve(settled)
  await writes
  expect(writer.counters()).toEqual({ emitted: 6, delivered: 6, lost: 0 })
})

test('one group at a time, and a full one at once', async () => {
  const store = gatedStore()
  const writer = openEventWriter(store, { maxDelayMs: 60_000, groupEvents: 6, mostEvents: 6 })
  const writes = [0, 1, 2, 3, 4].map((sequence) => writer.write(owned(sequence)))
  await turn()
  expect(store.appends.map(({ names }) => names)).toEqual([['a0', 'a1']])
  store.appends[0]?.end.resolve(settled)
  await Promise.all(writes.slice(0, 2))
  await turn()
  expect(store.appends.map(({ names }) => names)).toEqual([
    ['a0', 'a1'],
    ['a2', 'a3'],
  ])
  store.appends[1]?.end.resolve(settled)
  // Closing does not wait for the clock.
  const closing = writer[Symbol.asyncDispose]()
  await turn()
  store.appends[2]?.end.resolve(settled)
  await closing
  await Promise.all(writes)
})

test('when a group fails, what waits of the same runs fails with it, and others go on', async () => {
  const store = gatedStore()
  const writer = openEventWriter(store, { maxDelayMs: 1, groupEvents: 3, mostEvents: 3 })
  const first = writer.write(owned(0))
  const behind = writer.write(owned(1))
  const other = writer.write(owned(0, '000000000000000b'))
  await turn()
  store.appends[0]?.end.reject(new Error('the store is away'))
  await expect(first).rejects.toMatchObject({ code: 'event-store-failed' })
  await expect(behind).rejects.toMatchObject({ code: 'event-store-failed' })
  await turn()
  expect(store.appends[1]?.names).toEqual(['b0'])
  store.appends[1]?.end.resolve(settled)
  await other
  expect(writer.counters()).toEqual({ emitted: 9, delivered: 3, lost: 6 })
})

test('when too much waits it is busy and says so at once', async () => {
  const store = gatedStore()
  const writer = openEventWriter(store, { maxDelayMs: 60_000, maxWaitingEvents: 5 })
  const kept = writer.write(owned(0))
  await expect(writer.write(owned(1))).rejects.toMatchObject({ code: 'busy' })
  const closing = writer[Symbol.asyncDispose]()
  store.appends[0]?.end.resolve(settled)
  await closing
  await kept
  await expect(writer.write(owned(2))).rejects.toMatchObject({ code: 'busy' })
})

test('a tenant that sends much neither takes the turn of another one nor its room', async () => {
  const store = gatedStore()
  const writer = openEventWriter(store, {
    maxDelayMs: 60_000,
    groupEvents: 6,
    mostEvents: 6,
    maxWaitingEvents: 9,
  })
  const writes = [0, 1, 2, 3, 4].map((sequence) => writer.write(owned(sequence)))
  await expect(writer.write(owned(9))).rejects.toMatchObject({ code: 'busy' })
  writes.push(writer.write(owned(0, '000000000000000b', tenantB)))
  const closing = writer[Symbol.asyncDispose]()
  for (const group of [0, 1, 2]) {
    store.appends[group]?.end.resolve(settled)
    await turn()
  }
  await closing
  await Promise.all(writes)
  expect(store.appends.map(({ names }) => names)).toEqual([
    ['a0', 'a1'],
    ['a2', 'b0'],
    ['a3', 'a4'],
  ])
})
