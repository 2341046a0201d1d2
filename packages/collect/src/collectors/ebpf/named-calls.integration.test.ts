import { setTimeout as delay } from 'node:timers/promises'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { BpfObject } from '@vedette/linux'
import { expect, test } from 'vitest'
import { act } from './actor.ts'
import { NamedCalls } from './named-calls.ts'
import { Recorder } from './recorder.ts'
import { optional, sensorFile } from './sensor.ts'

needsRoot()

const memoryFiles = (recorder: Recorder, pid: number) =>
  recorder
    .all('system')
    .filter(({ activity, process }) => activity === 'create_memory_file' && process.pid === pid).length

const TIMES = 100
const createOften = () =>
  act(`for (let i = 0; i < ${TIMES}; i += 1) call('memfd_create', 'vedette-' + i, 0)`).pid

test('a kind that is switched off and on again is told to the last, whichever way calls are watched', async () => {
  for (const every of [false, true]) {
    await using recorder = await Recorder.start({ network: false, watch_every_call: every })
    expect(recorder.collector.blindSpots().some(({ code }) => code === '32-bit-calls')).toBe(!every)
    const before = createOften()
    await recorder.collector.tell({ create_memory_file: false })
    const off = createOften()
    // The kernel may still be giving up what is to be watched again.
    await recorder.collector.tell({ create_memory_file: true })
    const again = createOften()
    await recorder.stop()
    expect([before, off, again].map((pid) => memoryFiles(recorder, pid))).toEqual([TIMES, 0, TIMES])
    const { emitted, delivered, lost } = recorder.collector.counters()
    expect({ delivered, lost }).toEqual({ delivered: emitted, lost: 0 })
  }
})

test('a kind that is switched on again before the kernel has given its calls up comes back', async () => {
  await using recorder = await Recorder.start({ network: false })
  for (const on of [false, true, false, true]) await recorder.collector.tell({ create_memory_file: on })
  // Until it is given up it is still told; what counts is that it is told after that.
  await delay(1000)
  for (let told = 0; told === 0;) {
    const pid = createOften()
    await recorder.find('exit', ({ process }) => process.pid === pid)
    told = memoryFiles(recorder, pid)
  }
  await recorder.stop()
  expect(recorder.collector.countersByKind().create_memory_file.lost).toBe(0)
})

test('the program runs for the calls that are watched, and for no other', () => {
  using object = BpfObject.load({ file: sensorFile(), optional, programs: ['named_call'] })
  using variables = object.variables('.bss')
  variables.u32('calls_by_name')[0] = 1
  variables.u32('enabled').fill(1)
  variables.u64('room_limits').fill(1n << 40n)
  const told = variables.u64('emitted')
  const calls = new NamedCalls(object)
  const KEYRING = 21
  const CREATE_MEMORY_FILE = 23
  calls.watch(new Set(['memfd_create']))
  createOften()
  act(`call('keyctl', 0, -3, 0)`)
  expect(Number(told[CREATE_MEMORY_FILE])).toBeGreaterThanOrEqual(TIMES)
  expect(Number(told[KEYRING])).toBe(0)
})
