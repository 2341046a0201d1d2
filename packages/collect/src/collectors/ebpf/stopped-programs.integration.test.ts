import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { expect, test } from 'vitest'
import { act } from './actor.ts'
import { Recorder } from './recorder.ts'

needsRoot()

const linux = new URL('../../../../linux/src/bpf/index.ts', import.meta.url).href

const descriptors = () =>
  readdirSync('/proc/self/fdinfo').flatMap((fd) => {
    try {
      return [{ fd: Number(fd), info: readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1') }]
    } catch {
      return []
    }
  })

/** How the collector ended. The recorder rejects when it fails. */
async function failureOf(recorder: Recorder): Promise<unknown> {
  const timer = setInterval(() => spawnSync('/bin/true'), 50)
  try {
    return await recorder.failed
  } finally {
    clearInterval(timer)
  }
}

test('programs that were taken from the kernel are missed', async () => {
  const before = new Set(descriptors().map(({ fd }) => fd))
  const recorder = await Recorder.start({ network: false })
  const links = descriptors().filter(({ fd, info }) => !before.has(fd) && info.includes('link_type'))
  expect(links.length).toBeGreaterThan(2)
  const others: number[] = []
  for (const { fd } of links) {
    closeSync(fd)
    // The collector will close these numbers once more, which then must be nobody else's.
    others.push(openSync('/dev/null', 'r'))
  }
  expect(new Set(others)).toEqual(new Set(links.map(({ fd }) => fd)))
  expect(await failureOf(recorder)).toMatchObject({
    code: 'ebpf-stopped',
    message: 'The programs in the kernel do not run any more, and not by the agent',
  })
  await recorder.collector[Symbol.asyncDispose]()
})

test('a kind that another process switched off in the memory of the programs is noticed', async () => {
  const recorder = await Recorder.start({ network: false })
  const { said } = act<boolean>(`
    const { SharedBpfMap } = await import(${JSON.stringify(linux)})
    using map = SharedBpfMap.ofProcess(${process.pid}, (name) => name.endsWith('.bss'))
    const bytes = Math.ceil(map.valueSize / 4096) * 4096
    using memory = new MemoryMap(map.fd, bytes, { writable: true })
    new Uint8Array(memory.buffer).fill(0)
    say(true)`)
  expect(said).toBe(true)
  expect(await failureOf(recorder)).toMatchObject({ code: 'ebpf-stopped' })
  await recorder.collector[Symbol.asyncDispose]()
})

test('nobody can put a process on the list of those that are not told', async () => {
  await using recorder = await Recorder.start({ network: false })
  const { said } = act<string>(`
    const { SharedBpfMap } = await import(${JSON.stringify(linux)})
    using map = SharedBpfMap.ofProcess(${process.pid}, (name) => name === 'ignored')
    const { libbpf } = await import(${JSON.stringify(linux.replace('index', 'libbpf'))})
    const failed = libbpf().updateElement(map.fd, new Uint8Array(4), new Uint8Array(8), 0)
    say(failed === 0 ? 'done' : errorName())`)
  expect(said).toBe('EPERM')
  expect(recorder.collector.counters().lost).toBe(0)
})
