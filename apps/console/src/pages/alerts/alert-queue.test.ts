import { describe, expect, test } from 'vitest'
import type { AlertRow } from '../../api/documents.ts'
import { AlertQueue } from './alert-queue.ts'

const start = Date.parse('2026-11-20T09:00:00Z')

function alert(number: number, more: Partial<AlertRow> = {}): AlertRow {
  const time = new Date(start + number * 1000).toISOString()
  return {
    id: `alert-${number}`,
    title: `Alert ${number}`,
    severity: 'high',
    status: 'open',
    verdict: null,
    assignee: null,
    time,
    last_seen: time,
    count: 1,
    suppressed: 0,
    host: 'web-1',
    host_id: 'host-1',
    entity: 'process:1',
    aggregate: null,
    risk: 10,
    techniques: [],
    rule: { id: 'rule', title: 'Rule' },
    process: null,
    ancestry: [],
    matches: [],
    incident: null,
    ...more,
  }
}

/** A server with so many alerts, that can get more, lose some, and be away. */
function server(size: number) {
  const stored = Array.from({ length: size }, (_, number) => alert(size - number))
  const state = { away: false, reads: [] as [number, number][] }
  return {
    stored,
    state,
    read: async (limit: number, offset: number) => {
      state.reads.push([limit, offset])
      if (state.away) throw new Error('away')
      return stored.slice(offset, offset + limit)
    },
  }
}

const ids = (queue: AlertQueue) =>
  queue
    .state()
    .chunks.flat()
    .map(({ id }) => id)
const anything = () => true

describe('AlertQueue', () => {
  test('reads to the end of 10,000 in pages, each once', async () => {
    const { read, stored, state } = server(10_000)
    const queue = new AlertQueue(read)
    await queue.reload()
    while (queue.state().more) await queue.loadMore()
    expect(ids(queue)).toEqual(stored.map(({ id }) => id))
    expect(state.reads.length).toBeLessThan(25)
  })

  test('new alerts wait, and move nothing', async () => {
    const { read, stored } = server(300)
    const queue = new AlertQueue(read)
    await queue.reload()
    const before = ids(queue)
    const arrived = alert(301)
    stored.unshift(arrived)
    queue.arrive(arrived, anything)
    queue.arrive(arrived, anything)
    expect(ids(queue)).toEqual(before)
    expect(queue.state().fresh).toEqual([arrived])
    await queue.loadMore()
    expect(ids(queue).slice(0, before.length)).toEqual(before)
    expect(new Set(ids(queue)).size).toBe(300)
    await queue.reload()
    expect(ids(queue)[0]).toBe('alert-301')
    expect(queue.state().fresh).toEqual([])
  })

  test('a repeat of an alert on the page is counted in place', async () => {
    const { read } = server(3)
    const queue = new AlertQueue(read)
    await queue.reload()
    queue.arrive(alert(2, { count: 214 }), anything)
    expect(queue.state().fresh).toEqual([])
    expect(queue.state().chunks.flat()[1]?.count).toBe(214)
    expect(ids(queue)).toEqual(['alert-3', 'alert-2', 'alert-1'])
  })

  test('what does not belong into the list does not wait either', async () => {
    const { read } = server(1)
    const queue = new AlertQueue(read)
    await queue.reload()
    queue.arrive(alert(9), () => false)
    expect(queue.state().fresh).toEqual([])
  })

  test('alerts that leave the list elsewhere do not tear a hole into it', async () => {
    const { read, stored } = server(300)
    const queue = new AlertQueue(read)
    await queue.reload()
    const [gone] = stored.splice(0, 20)
    await queue.loadMore()
    expect(gone?.id).toBe('alert-300')
    expect(ids(queue)).toEqual(Array.from({ length: 300 }, (_, number) => `alert-${300 - number}`))
  })

  test('one that is dealt with stays in its place', async () => {
    const { read } = server(3)
    const queue = new AlertQueue(read)
    await queue.reload()
    queue.point('alert-2')
    queue.mark('alert-2', { status: 'acknowledged' })
    expect(ids(queue)).toEqual(['alert-3', 'alert-2', 'alert-1'])
    expect(queue.alert('alert-2')?.status).toBe('acknowledged')
  })

  test('catches up with what was missed while the connection was lost', async () => {
    const { read, stored, state } = server(150)
    const queue = new AlertQueue(read)
    await queue.reload()
    state.away = true
    await queue.catchUp(anything)
    expect(queue.state().error).toBeUndefined()
    state.away = false
    stored.unshift(alert(152), alert(151))
    await queue.catchUp(anything)
    expect(queue.state().fresh.map(({ id }) => id)).toEqual(['alert-152', 'alert-151'])
    expect(ids(queue)[0]).toBe('alert-150')
  })

  test('stops at the oldest time that belongs', async () => {
    const { read } = server(400)
    const queue = new AlertQueue(read, start + 250_000)
    await queue.reload()
    while (queue.state().more) await queue.loadMore()
    expect(ids(queue).at(-1)).toBe('alert-250')
    expect(ids(queue).length).toBe(151)
  })

  test('a failure keeps the rows, and a selection outlives a reload', async () => {
    const { read, state } = server(3)
    const queue = new AlertQueue(read)
    await queue.reload()
    queue.toggle('alert-1')
    queue.toggle('alert-2')
    queue.toggle('alert-2')
    state.away = true
    await queue.reload()
    expect(queue.state().error?.message).toBe('away')
    expect(ids(queue).length).toBe(3)
    state.away = false
    await queue.reload()
    expect([...queue.state().selected]).toEqual(['alert-1'])
    expect(queue.state().error).toBeUndefined()
  })
})
