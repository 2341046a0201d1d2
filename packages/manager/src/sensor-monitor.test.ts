import type { Counters } from '@vedette/base'
import type { PartReport, SensorRecord } from '@vedette/model'
import { expect, test } from 'vitest'
import { SensorMonitor } from './sensor-monitor.ts'

/** A monitor on a clock that the test sets. */
function monitored() {
  let nowMs = 0
  const told: SensorRecord[] = []
  const monitor = new SensorMonitor({ now: () => 1_000_000 + nowMs, monotonic: () => nowMs }, (record) =>
    told.push(record),
  )
  const look = (
    atMs: number,
    lost: number,
    kinds?: Record<string, Counters>,
    state: PartReport['state'] = 'running',
  ) => {
    nowMs = atMs
    monitor.observe([
      {
        name: 'ebpf',
        state,
        counters: { emitted: 10_000, delivered: 10_000 - lost, lost },
        ...(kinds && { kinds }),
      },
    ])
  }
  const short = () =>
    told.map(({ activity, cause, lost, duration_ms }) => `${activity} ${cause} ${lost} ${duration_ms}`)
  return { monitor, look, told, short }
}

const book = (lost: number): Counters => ({ emitted: 100, delivered: 100 - lost, lost })

test('a loss is told at the next look, by kind', () => {
  const { look, told } = monitored()
  look(0, 0, { exec: book(0), file: book(0) })
  look(500, 7, { exec: book(0), file: book(7) })
  expect(told).toEqual([
    {
      source: 'sensor',
      timeMs: 1_000_500,
      activity: 'degraded',
      part: 'ebpf',
      cause: 'loss',
      lost: 7,
      lost_by_kind: { file: 7 },
      duration_ms: 0,
    },
  ])
})

test('an episode is told twice however much is lost in it, with all that was', () => {
  const { look, short } = monitored()
  look(0, 0)
  for (let at = 500; at <= 20_000; at += 500) look(at, at)
  for (let at = 20_500; at <= 60_000; at += 500) look(at, 20_000)
  expect(short()).toEqual(['degraded loss 500 0', 'restored loss 20000 19500'])
})

test('what comes back within half a minute is the same episode, later it is another', () => {
  const { look, short } = monitored()
  look(0, 5)
  look(25_000, 6)
  look(50_000, 6)
  expect(short()).toEqual(['degraded loss 5 0'])
  look(56_000, 6)
  look(60_000, 9)
  expect(short()).toEqual(['degraded loss 5 0', 'restored loss 6 25000', 'degraded loss 3 0'])
})

test('a part that failed is told until it runs again', () => {
  const { look, short } = monitored()
  look(0, 0)
  for (let at = 500; at <= 60_000; at += 500) look(at, 0, undefined, 'failed')
  look(80_000, 0)
  look(91_000, 0)
  expect(short()).toEqual(['degraded failed 0 0', 'restored failed 0 59500'])
})

test('what the books do not show can be noted; a loss that follows belongs to it', () => {
  const { monitor, look, told, short } = monitored()
  look(0, 0)
  monitor.note('ebpf', 'stuck', 'no sign of life for 6 s')
  look(500, 3)
  look(40_000, 3)
  expect(told[0]?.detail).toBe('no sign of life for 6 s')
  expect(short()).toEqual(['degraded stuck 0 0', 'restored stuck 3 500'])
})

test('what is missing at all times, since it may not be seen, is no episode', () => {
  const { look, told } = monitored()
  look(0, 0, { connect: book(0), unowned: book(0) })
  look(500, 3, { connect: book(0), unowned: book(3) })
  expect(told).toEqual([])
  look(1000, 8, { connect: book(1), unowned: book(7) })
  expect(told).toMatchObject([{ lost: 1, lost_by_kind: { connect: 1 } }])
})
