import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { KernelRecord } from '@vedette/model'
import { expect, test } from 'vitest'
import { procEvents } from './index.ts'

needsRoot()

test('programs that end at once are told or counted, each of them', async () => {
  const config = procEvents.schema.parse({ buffer_bytes: 65_536 })
  await using collector = await procEvents.open(config, { log: silentLogger, clock: systemClock })
  const records: KernelRecord[] = []
  const stop = new AbortController()
  const reading = (async () => {
    for await (const batch of collector.records(stop.signal)) records.push(...(batch as KernelRecord[]))
  })()
  while (records.length === 0) await delay(10)
  const shell = spawn('/bin/sh', ['-c', 'i=0; while [ $i -lt 500 ]; do i=$((i+1)); /bin/true; done'])
  await once(shell, 'exit')
  await delay(100)
  stop.abort()
  await reading
  const told = records.filter(
    (record) => record.type === 'exec' && record.parent.pid === shell.pid && record.argv[0] === '/bin/true',
  )
  const { emitted, delivered, lost } = collector.counters()
  expect(told.length + lost).toBeGreaterThanOrEqual(500)
  expect(told.length).toBeLessThan(500)
  expect(delivered).toBe(records.length)
  expect(emitted).toBe(delivered + lost)
})
