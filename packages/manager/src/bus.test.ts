import type { Alert } from '@vedette/model'
import { expect, test } from 'vitest'
import { createBus } from './bus.ts'

const alert = (id: string) => ({ id }) as unknown as Alert

test('a subscriber gets what is published after it subscribed, in order, until its signal aborts', async () => {
  const bus = createBus()
  const stop = new AbortController()
  bus.publish('alert', alert('before'))
  const subscription = bus.subscribe('alert', {}, stop.signal)
  bus.publish('alert', alert('1'))
  bus.publish('alert', alert('2'))
  const seen: string[] = []
  for await (const { id } of subscription) {
    seen.push(id)
    if (seen.length === 2) stop.abort()
  }
  expect(seen).toEqual(['1', '2'])
})

test('a slow subscriber loses the newest and is told how many', async () => {
  const bus = createBus()
  const stop = new AbortController()
  const losses: number[] = []
  const subscription = bus.subscribe('alert', { capacity: 2, onLoss: (n) => losses.push(n) }, stop.signal)
  for (const id of ['1', '2', '3', '4']) bus.publish('alert', alert(id))
  const seen: string[] = []
  for await (const { id } of subscription) {
    seen.push(id)
    if (seen.length === 2) stop.abort()
  }
  expect(seen).toEqual(['1', '2'])
  expect(losses).toEqual([1, 2])
})
