import { spawnSync } from 'node:child_process'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { expect, test } from 'vitest'
import { Recorder } from './recorder.ts'

needsRoot()

test('a kind is told, and told no more, without a pause for the others', async () => {
  await using recorder = await Recorder.start({ network: false, kinds: { fork: false } })
  const first = spawnSync('/bin/true').pid
  await recorder.find('exit', ({ process }) => process.pid === first)
  expect(recorder.all('fork')).toEqual([])
  expect(recorder.collector.countersByKind().fork).toEqual({ emitted: 0, lost: 0 })

  await recorder.collector.tell({ fork: true, exit: false })
  const exits = recorder.collector.countersByKind().exit.emitted
  const second = spawnSync('/bin/true').pid
  await recorder.find('fork', ({ process }) => process.pid === second)
  await recorder.find('exec', ({ process }) => process.pid === second)
  await recorder.stop()
  expect(recorder.collector.countersByKind().exit.emitted).toBe(exits)
  expect(recorder.all('exit').filter(({ process }) => process.pid === second)).toEqual([])
})

test('a kind that the configuration does not know is refused', async () => {
  await expect(Recorder.start({ kinds: { everything: true } })).rejects.toThrow('everything')
})
