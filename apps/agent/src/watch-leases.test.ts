import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger } from '@vedette/base'
import { expect, test } from 'vitest'
import { WatchLeases } from './watch-leases.ts'

/** Leases over a list of what is watched now. */
function leasesOver(watched: string[]) {
  return new WatchLeases((path) => {
    if (path === '/missing') return Promise.reject(new Error('ENOENT'))
    watched.push(path)
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        watched.splice(watched.indexOf(path), 1)
        return Promise.resolve()
      },
    })
  }, silentLogger)
}

test('a watch ends with its lease', async () => {
  const watched: string[] = []
  await using leases = leasesOver(watched)
  await leases.add('/etc/cron.d', 20)
  expect(watched).toEqual(['/etc/cron.d'])
  while (watched.length > 0) await delay(5)
  expect(leases.size).toBe(0)
})

test('a path that is asked for twice is watched once, for as long as the later lease says', async () => {
  const watched: string[] = []
  await using leases = leasesOver(watched)
  await Promise.all([leases.add('/a', 10), leases.add('/a', 60_000)])
  await delay(40)
  expect(watched).toEqual(['/a'])
})

test('a path that cannot be watched holds no place, and disposing ends all', async () => {
  const watched: string[] = []
  const leases = leasesOver(watched)
  await leases.add('/missing', 1000)
  expect(leases.size).toBe(0)
  await leases.add('/a', 60_000)
  await leases[Symbol.asyncDispose]()
  expect(watched).toEqual([])
})
