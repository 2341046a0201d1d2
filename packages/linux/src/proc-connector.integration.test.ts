import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { describe, expect, test } from 'vitest'
import { openProcConnector } from './proc-connector.ts'
import type { ProcEvent } from './proc-event.ts'
import { monotonicNs } from './time.ts'

needsRoot()

describe('the process connector', () => {
  test('tells of fork, exec and exit in order, with their times', async () => {
    using connector = openProcConnector()
    const before = monotonicNs()
    const child = spawn('/bin/sh', ['-c', 'exit 7'])
    await once(child, 'exit')
    const seen: ProcEvent[] = []
    while (!seen.some(({ type, pid }) => type === 'exit' && pid === child.pid)) {
      expect(await connector.waitReadable(AbortSignal.timeout(10_000))).toBe(true)
      seen.push(...connector.take())
    }
    const own = seen.filter(({ pid }) => pid === child.pid)
    expect(own.map(({ type }) => type)).toEqual(['fork', 'exec', 'exit'])
    expect(own).toMatchObject([{ parent: process.pid }, {}, { status: 7 << 8 }])
    for (const { timeNs } of own) {
      expect(timeNs).toBeGreaterThanOrEqual(before)
      expect(timeNs).toBeLessThanOrEqual(monotonicNs())
    }
    expect(connector.lost).toBe(0)
  })

  test('a full socket loses events, and the gaps in the numbers count each of them', async () => {
    // What another program of this machine does between two reads falls between them: then it is done once more.
    const behind: number[] = []
    while (behind.length < 10 && behind.at(-1) !== 0) behind.push(behindOnceFull())
    expect(behind).toContain(0)
  })

  test('ends its wait when the signal aborts', async () => {
    using connector = openProcConnector()
    const controller = new AbortController()
    const drained = (async () => {
      while (await connector.waitReadable(controller.signal)) connector.take()
      return true
    })()
    controller.abort()
    expect(await drained).toBe(true)
  })
})

/** How many more events a listener with room saw than one that ran full saw and counted as lost. */
function behindOnceFull(): number {
  using roomy = openProcConnector()
  using tight = openProcConnector({ bufferBytes: 16_384 })
  const onEachProcessor = () =>
    spawnSync('/bin/sh', ['-c', 'for p in 0 1 2 3 4 5 6 7; do taskset -c $p true; done'])
  // A first event of each processor, read, is where the count begins.
  onEachProcessor()
  roomy.take()
  tight.take()
  const start = { roomy: roomy.received, tight: tight.received }
  spawnSync('/bin/sh', ['-c', 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); /bin/true; done'])
  tight.take()
  // One more event of each processor shows the last gap.
  onEachProcessor()
  tight.take()
  roomy.take(100_000)
  tight.take()
  expect(roomy.lost).toBe(0)
  expect(tight.overflows).toBeGreaterThan(0)
  expect(tight.lost).toBeGreaterThan(100)
  return roomy.received - start.roomy - (tight.received - start.tight + tight.lost)
}
