import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { describe, expect, test } from 'vitest'
import { BpfObject } from './bpf-object.ts'
import { DISCARDED, MappedRing, RECORD_HEADER, RECORD_LENGTH } from './mapped-ring.ts'
import { waitForRunningPrograms } from './quiesce.ts'
import { WakeUp } from './wake-up.ts'

needsRoot()

/** The object of the collector, which has rings, hashes and variables. */
const file = readFileSync(new URL('../../../collect/src/collectors/ebpf/sensor.bpf.o', import.meta.url))
const optional = { module_loaded: 'module_load', uring_submit: 'io_uring_submit_req' }
const EXEC = 1

describe('BpfObject', () => {
  test('runs programs, and its rings and variables tell the same', () => {
    using object = BpfObject.load({ file, optional, maxEntries: { process_ring: 1 << 20 } })
    using variables = object.variables('.bss')
    using ring = new MappedRing(object.map('process_ring'))
    using wakeUp = new WakeUp([ring.fd])
    expect(ring.size).toBe(1 << 20)
    expect(wakeUp.sleep(0)).toBe(false)

    variables.u32('wake_armed')[0] = 1
    variables.u32('enabled')[EXEC] = 1
    const link = object.attach('process_exec')
    spawnSync('/bin/true')
    expect(wakeUp.sleep(1000)).toBe(true)
    link[Symbol.dispose]()
    expect(waitForRunningPrograms()).toBe(true)

    const emitted = Number(variables.u64('emitted')[EXEC])
    expect(emitted).toBeGreaterThan(0)
    let seen = 0
    const chunk = ring.take(ring.produced(), 1 << 20, (words, at) => {
      expect(words[at + 2]).toBe(EXEC)
      seen += 1
    })
    expect(seen).toBe(emitted)
    expect(ring.take(ring.produced(), 1 << 20)).toBeUndefined()
    expect(ring.position).toBe(ring.produced())
    const header = new DataView(chunk?.buffer ?? new ArrayBuffer(4)).getUint32(0, true)
    expect(header & DISCARDED).toBe(0)
    expect(RECORD_HEADER + (header & RECORD_LENGTH)).toBeLessThanOrEqual(chunk?.byteLength ?? 0)

    spawnSync('/bin/true')
    expect(Number(variables.u64('emitted')[EXEC])).toBe(emitted)
    expect(object.missedRuns('process_exec')).toBe(0)
  })

  test('takes whole records, at least one and no more than asked for', () => {
    using object = BpfObject.load({ file, optional })
    using ring = new MappedRing(object.map('process_ring'))
    using variables = object.variables('.bss')
    variables.u32('enabled')[EXEC] = 1
    object.attach('process_exec')
    for (let i = 0; i < 3; i += 1) spawnSync('/bin/true')
    object.detach()
    waitForRunningPrograms()
    let seen = 0
    const count = () => {
      seen += 1
    }
    ring.take(ring.produced(), 1, count)
    expect(seen).toBe(1)
    while (ring.take(ring.produced(), 600, count));
    expect(seen).toBeGreaterThanOrEqual(3)
    expect(ring.position).toBe(ring.produced())
  })

  test('its maps keep what is written to them', () => {
    using object = BpfObject.load({ file, optional })
    const map = object.map('ignored')
    const key = new Uint8Array([1, 2, 3, 4])
    const value = new Uint8Array([5, 0, 0, 0, 0, 0, 0, 0])
    expect(map.get(key)).toBeUndefined()
    map.set(key, value)
    expect(map.get(key)).toEqual(value)
    expect(map.delete(key)).toBe(true)
    expect(map.delete(key)).toBe(false)
    for (let i = 0; i < map.maxEntries; i += 1) map.set(new Uint8Array(new Uint32Array([i]).buffer), value)
    expect(() => map.set(key, value)).toThrow(expect.objectContaining({ code: 'bpf-map-full' }))
  })

  test('an object that the kernel refuses says why', () => {
    const noLicence = new Uint8Array(file)
    const at = Buffer.from(noLicence.buffer).indexOf('Dual MIT/GPL')
    noLicence.set(new TextEncoder().encode('Proprietary!'), at)
    expect(() => BpfObject.load({ file: noLicence, optional })).toThrow(
      expect.objectContaining({ code: 'bpf-load', message: expect.stringContaining('GPL') as string }),
    )
    expect(() => BpfObject.load({ file: new Uint8Array(100) })).toThrow(SyntaxError)
  })

  test('leaves out what the kernel has no place for, and refuses to attach it', () => {
    using object = BpfObject.load({
      file,
      optional: { ...optional, process_fork: 'sched_process_fork', process_exit: 'no_such_tracepoint' },
    })
    expect(object.leftOut.has('process_exit')).toBe(true)
    expect(object.leftOut.has('process_fork')).toBe(false)
    expect(() => object.attach('process_exit')).toThrow(expect.objectContaining({ code: 'bpf-attach' }))
  })

  test('what it does not have is refused by name', () => {
    using object = BpfObject.load({ file, optional })
    using variables = object.variables('.bss')
    expect(() => object.map('nothing')).toThrow('no map nothing')
    expect(() => object.attach('nothing')).toThrow('no program nothing')
    expect(() => variables.u32('nothing')).toThrow('no variable nothing')
  })

  test('is of no use once it is closed', () => {
    const object = BpfObject.load({ file, optional })
    object[Symbol.dispose]()
    object[Symbol.dispose]()
    expect(() => object.map('ignored')).toThrow('closed')
  })
})
