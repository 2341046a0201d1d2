import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { expect, test } from 'vitest'
import { act } from './actor.ts'
import { Recorder } from './recorder.ts'

needsRoot()

const TIMES = 1234

/** Makes a rare call so many times. */
const callOften = () => act(`for (let i = 0; i < ${TIMES}; i += 1) call('getppid')`).pid

function counted(recorder: Recorder, pid: number, name: string): number {
  return recorder
    .all('system')
    .filter(({ activity, process }) => activity === 'count_calls' && process.pid === pid)
    .reduce((sum, record) => sum + Number(record.arguments?.[name] ?? 0), 0)
}

test('calls are counted by process, to the last one, from when that is asked for until it no longer is', async () => {
  await using recorder = await Recorder.start({ network: false })
  const before = callOften()
  await recorder.collector.tell({ count_calls: true })
  const during = callOften()
  await recorder.collector.tell({ count_calls: false })
  const after = callOften()
  await recorder.collector.tell({ count_calls: true })
  const again = callOften()
  await recorder.stop()
  expect([before, during, after, again].map((pid) => counted(recorder, pid, 'getppid'))).toEqual([
    0,
    TIMES,
    0,
    TIMES,
  ])
  expect(counted(recorder, during, 'execve')).toBe(1)
  const { emitted, delivered, lost } = recorder.collector.counters()
  expect({ delivered, lost }).toEqual({ delivered: emitted, lost: 0 })
  const records = recorder.all('system').filter(({ activity }) => activity === 'count_calls')
  expect(recorder.collector.countersByKind().count_calls).toEqual({ emitted: records.length, lost: 0 })
})

test('the last calls of a process and of a cgroup are kept while they are followed', async () => {
  await using recorder = await Recorder.start({ network: false })
  const child = spawn('/bin/sh', ['-c', 'read line; exec /bin/true'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(child, 'spawn')
  const launch = await recorder.find('exec', ({ process }) => process.pid === child.pid)
  const ofProcess = await recorder.collector.follow({ pid: child.pid ?? 0 })
  const ofCgroup = await recorder.collector.follow({ cgroupId: launch.cgroupId ?? 0 })
  const exited = once(child, 'exit')
  child.stdin.end('go\n')
  await exited

  const { count, calls } = await ofProcess.read()
  expect(calls.length).toBe(Math.min(count, 256))
  expect(calls.at(-1)).toBe('exit_group')
  expect(calls.filter((name) => name === 'execve')).toHaveLength(1)
  expect(calls.indexOf('execve')).toBeLessThan(calls.indexOf('openat'))

  const first = await ofCgroup.read()
  spawnSync('/bin/true')
  const second = await ofCgroup.read()
  expect(second.count).toBeGreaterThan(first.count)
  expect(second.calls).toHaveLength(Math.min(second.count, 256))
  // Others in the same cgroup may have made all of the last ones.
  expect(second.calls.filter((name) => name.startsWith('call '))).toEqual([])

  await ofProcess[Symbol.asyncDispose]()
  expect(await ofProcess.read()).toEqual({ count: 0, calls: [] })
  await ofCgroup[Symbol.asyncDispose]()
})

test('no more than 64 are followed at once', async () => {
  await using recorder = await Recorder.start({ network: false })
  for (let pid = 1; pid <= 64; pid += 1) await recorder.collector.follow({ pid })
  await expect(recorder.collector.follow({ pid: 65 })).rejects.toThrow(/call_sequences/)
})
