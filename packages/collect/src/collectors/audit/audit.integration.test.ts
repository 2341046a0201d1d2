import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { KernelRecord, SystemRecord } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Collector } from '../../collector.ts'
import { act } from '../ebpf/actor.ts'
import { audit } from './index.ts'
import { auditedActivities } from './system.ts'

needsRoot()

let collector: Collector
let reading: Promise<void>
const seen: KernelRecord[] = []
const stop = new AbortController()

beforeAll(async () => {
  collector = await audit.open(audit.schema.parse({}), { log: silentLogger, clock: systemClock })
  reading = (async () => {
    for await (const batch of collector.records(stop.signal)) seen.push(...(batch as KernelRecord[]))
  })()
})

afterAll(async () => {
  stop.abort()
  await reading
  const { emitted, delivered, lost } = collector.counters()
  // What is said to be seen was seen by one of these tests.
  const activities = seen.flatMap((record) => (record.type === 'system' ? [record.activity] : []))
  expect(new Set(activities)).toEqual(new Set(auditedActivities))
  expect({ emitted, delivered }).toEqual({ emitted: delivered + lost, delivered: seen.length })
  await collector[Symbol.asyncDispose]()
})

/** All that is told of a process, once its end is. */
async function told(pid: number): Promise<KernelRecord[]> {
  const of = () => seen.filter((record) => record.process.pid === pid)
  for (let tries = 0; tries < 500 && !of().some(({ type }) => type === 'exit'); tries += 1) await delay(20)
  return of()
}

/** The rings of 256 are those that Node makes for itself where it starts. */
const isOwn = ({ activity, arguments: of }: SystemRecord) =>
  activity === 'io_uring' && of?.['entries'] === 256

async function calls(pid: number) {
  const records = (await told(pid)).filter(
    (record): record is SystemRecord => record.type === 'system' && !isOwn(record),
  )
  return records.map(({ activity, systemCall, target, arguments: of }) => ({
    activity,
    systemCall,
    ...(target === undefined ? undefined : { target: target.pid }),
    ...of,
  }))
}

describe('programs', () => {
  test('that end at once are told, each of them, in the order of their lives', async () => {
    const { pid } = spawnSync('/bin/sh', [
      '-c',
      'i=0; while [ $i -lt 300 ]; do i=$((i+1)); /bin/true $i; done',
    ])
    await told(pid)
    const own = seen.filter((record) => 'parent' in record && record.parent.pid === pid)
    const started = own.filter((record) => record.type === 'exec')
    expect(started.map(({ argv }) => argv)).toEqual(
      Array.from({ length: 300 }, (_, index) => ['/bin/true', String(index + 1)]),
    )
    expect(started.every(({ executable }) => executable.endsWith('/true'))).toBe(true)
    const { process } = started[7] ?? {}
    const life = seen.filter((record) => record.process.pid === process?.pid)
    expect(life.map(({ type }) => type)).toEqual(['fork', 'exec', 'exit'])
    expect(life.every((record) => record.process.startTicks === process?.startTicks)).toBe(true)
  })

  test('are told with long, many and odd arguments, and where they were started', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette audit '))
    try {
      const argv = ['/bin/true', '', 'a b', '"x"', 'ä\n', `${'l'.repeat(9000)} end`]
      const { pid } = spawnSync('/bin/true', argv.slice(1), { cwd: folder })
      const [exec] = (await told(pid)).filter(({ type }) => type === 'exec')
      expect(exec).toMatchObject({ argv, argvTruncated: false, workingDirectory: folder, uid: 0, gid: 0 })
      const many = spawnSync('/bin/true', Array.from({ length: 400 }, String))
      const [cut] = (await told(many.pid)).filter(({ type }) => type === 'exec')
      expect(cut).toMatchObject({ argvTruncated: true })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('what is asked of the kernel', () => {
  test('other processes', async () => {
    const { pid, said } = act<{ target: number }>(`
      const child = spawn('/bin/sleep', ['30'])
      await new Promise((resolve) => child.on('spawn', resolve))
      const ptrace = (request) => c('ptrace', 'long', ['long', 'int', 'long', 'long'], request, child.pid, 0, 0)
      ptrace(16)
      let state
      do state = readFileSync('/proc/' + child.pid + '/stat', 'utf8').split(' ')[2]
      while (state !== 't')
      ptrace(17)
      call('process_vm_writev', child.pid, null, 0, null, 0, 0)
      call('perf_event_open', new Uint8Array(128), child.pid, -1, -1, 0)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.on('exit', resolve))
      say({ target: child.pid })`)
    const { target } = said
    expect(await calls(pid)).toMatchObject([
      { activity: 'trace', systemCall: 'ptrace', target, request: 'PTRACE_ATTACH' },
      { activity: 'write_memory', systemCall: 'process_vm_writev', target, bytes: 0 },
      { activity: 'perf', target },
    ])
  })

  test('memory, modules, programs in the kernel', async () => {
    const { pid, said } = act<(number | string)[]>(`
      say([
        call('memfd_create', 'x', 1),
        call('userfaultfd', 0x80000 | 1),
        call('init_module', Buffer.from('no module'), 9, ''),
        call('delete_module', 'vedette_none', 0x800),
        call('bpf', 5, new Uint8Array(128), 128),
        call('io_uring_setup', 8, new Uint8Array(120)),
      ])`)
    const result = (index: number) => (typeof said[index] === 'string' ? { result: said[index] } : {})
    const records = await calls(pid)
    // Calls that the kernel was built without are told as well; then it does not look at the module's name.
    const name = said[3] === 'ENOSYS' ? {} : { name: 'vedette_none' }
    expect(records).toEqual([
      { activity: 'create_memory_file', systemCall: 'memfd_create', flags: 'MFD_CLOEXEC' },
      expect.objectContaining({ activity: 'userfault', flags: 'UFFD_USER_MODE_ONLY|O_CLOEXEC' }),
      expect.objectContaining({ activity: 'load_module', systemCall: 'init_module', len: 9, ...result(2) }),
      expect.objectContaining({ activity: 'unload_module', ...name, ...result(3) }),
      expect.objectContaining({ activity: 'bpf', cmd: 'BPF_PROG_LOAD', ...result(4) }),
      expect.objectContaining({ activity: 'io_uring', entries: 8, ...result(5) }),
    ])
  })

  test('namespaces and mounts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-audit-'))
    try {
      const at = JSON.stringify(folder)
      const { pid, said } = act<(number | string)[]>(`
        const host = openSync('/proc/self/ns/uts', 'r')
        const mount = (...args) => c('mount', 'int', ['str', 'str', 'str', 'ulong', 'str'], ...args)
        say([
          c('unshare', 'int', ['int'], 0x20000 | 0x4000000),
          mount('none', '/', null, 0x44000, null),
          mount('tmpfs', ${at}, 'tmpfs', 6, 'size=64k'),
          c('umount2', 'int', ['str', 'int'], ${at}, 2),
          c('setns', 'int', ['int', 'int'], host, 0x4000000),
          c('setns', 'int', ['int', 'int'], host, 0x20000),
          c('chroot', 'int', ['str'], ${at}),
        ])`)
      expect(said).toEqual([0, 0, 0, 0, 0, 'EINVAL', 0])
      expect(await calls(pid)).toEqual([
        { activity: 'create_namespace', systemCall: 'unshare', flags: 'CLONE_NEWNS|CLONE_NEWUTS' },
        { activity: 'mount', systemCall: 'mount', target: '/', flags: 'MS_REC|MS_PRIVATE' },
        { activity: 'mount', systemCall: 'mount', target: folder, flags: 'MS_NOSUID|MS_NODEV' },
        { activity: 'unmount', systemCall: 'umount2', target: folder, flags: 'MNT_DETACH' },
        { activity: 'enter_namespace', systemCall: 'setns', nstype: 'CLONE_NEWUTS' },
        { activity: 'enter_namespace', systemCall: 'setns', nstype: 'CLONE_NEWNS', result: 'EINVAL' },
        { activity: 'change_root', systemCall: 'chroot', root: folder },
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test('a second one is told that there is one receiver a machine', async () => {
  expect(await audit.probe(audit.schema.parse({}))).toMatchObject({
    usable: false,
    reason: {
      code: 'no-audit',
      message: expect.stringContaining(`process ${process.pid} receives`) as string,
    },
  })
  await expect(audit.open(audit.schema.parse({}), { log: silentLogger, clock: systemClock })).rejects.toThrow(
    'EEXIST',
  )
})
