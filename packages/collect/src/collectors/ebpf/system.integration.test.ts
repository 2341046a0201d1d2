import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readlinkSync } from 'node:fs'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { SystemRecord } from '@vedette/model'
import { readProcessStat } from '@vedette/linux'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { act } from './actor.ts'
import { Recorder, temporaryFolder } from './recorder.ts'

needsRoot()

let recorder: Recorder

beforeAll(async () => {
  recorder = await Recorder.start()
})

afterAll(async () => {
  await recorder[Symbol.asyncDispose]()
  const { emitted, delivered, lost } = recorder.collector.counters()
  expect({ delivered, lost }).toEqual({ delivered: emitted, lost: 0 })
  expect(delivered).toBe(recorder.seen.length)
  const byKind: Readonly<Record<string, { readonly emitted: number }>> = recorder.collector.countersByKind()
  for (const activity of new Set(recorder.all('system').map((record) => record.activity))) {
    const told = recorder.all('system').filter((record) => record.activity === activity)
    expect({ activity, told: told.length }).toEqual({ activity, told: byKind[activity]?.emitted })
  }
})

/** The records of a process of one activity, once its end is told. */
async function told(pid: number, activity: SystemRecord['activity'], by = recorder): Promise<SystemRecord[]> {
  await by.find('exit', ({ process }) => process.pid === pid)
  return by.all('system').filter((record) => record.process.pid === pid && record.activity === activity)
}

const calls = (records: readonly SystemRecord[]) =>
  records.map(({ systemCall, arguments: of }) => ({ systemCall, ...of }))

describe('another process', () => {
  test('is attached to, and written to', async () => {
    const { pid, said } = act<{ target: number; startTicks: number; address: string }>(`
      const child = spawn('/bin/sleep', ['30'])
      await new Promise((resolve) => child.on('spawn', resolve))
      const ptrace = (request, address, data) => c('ptrace', 'long', ['long', 'int', 'int64_t', 'int64_t'], request, child.pid, address, data)
      const startTicks = Number(readFileSync('/proc/' + child.pid + '/stat', 'utf8').split(' ')[21])
      if (ptrace(16, 0, 0) !== 0) throw new Error('attach')
      let state
      do state = readFileSync('/proc/' + child.pid + '/stat', 'utf8').split(' ')[2]
      while (state !== 't')
      const address = parseInt(/^([0-9a-f]+)-.*\\[stack\\]$/m.exec(readFileSync('/proc/' + child.pid + '/maps', 'utf8'))[1], 16)
      for (let i = 0; i < 20; i += 1) ptrace(5, address + 8 * i, i)
      ptrace(17, 0, 0)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.on('exit', resolve))
      say({ target: child.pid, startTicks })`)
    const target = { pid: said.target, startTicks: said.startTicks }
    const traces = await told(pid, 'trace')
    expect(traces).toMatchObject([{ systemCall: 'ptrace', target, arguments: { request: 'PTRACE_ATTACH' } }])
    // Word after word, told once.
    const writes = await told(pid, 'write_memory')
    expect(writes).toMatchObject([
      { systemCall: 'ptrace', target, arguments: { request: 'PTRACE_POKEDATA' } },
    ])
  })

  test('is not let in: the attempt is told', async () => {
    const { pid, said } = act<string[]>(`
      process.setgid(65534)
      process.setuid(65534)
      say([16, 0x4206].map((request) => c('ptrace', 'long', ['long', 'int', 'long', 'long'], request, process.ppid, 0, 0)))`)
    expect(said).toEqual(['EPERM', 'EPERM'])
    const target = { pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks }
    expect(await told(pid, 'trace')).toMatchObject([
      { target, arguments: { request: 'PTRACE_ATTACH', result: 'EPERM' } },
    ])
  })

  test('has its memory written to and read by others', async () => {
    const { pid, said } = act<{ target: number; wrote: number; read: number }>(`
      const child = spawn('/bin/sleep', ['30'])
      await new Promise((resolve) => child.on('spawn', resolve))
      let maps
      do maps = readFileSync('/proc/' + child.pid + '/maps', 'utf8')
      while (!maps.includes('/sleep') || !maps.includes('[stack]'))
      const address = BigInt('0x' + /^([0-9a-f]+)-.*\\[stack\\]$/m.exec(maps)[1])
      const local = Buffer.from('vedette!')
      const here = c('memcpy', 'void *', ['void *', 'void *', 'size_t'], local, local, 8n)
      const iov = (at) => new BigUint64Array([BigInt(at), 8n])
      const wrote = call('process_vm_writev', child.pid, iov(here), 1, iov(address), 1, 0)
      const read = call('process_vm_readv', child.pid, iov(here), 1, iov(address), 1, 0)
      closeSync(openSync('/proc/' + child.pid + '/mem', 'r+'))
      closeSync(openSync('/proc/self/mem', 'r+'))
      closeSync(openSync('/proc/' + child.pid + '/mem', 'r'))
      child.kill('SIGKILL')
      say({ target: child.pid, wrote, read })`)
    expect(said).toMatchObject({ wrote: 8, read: 8 })
    expect(await told(pid, 'write_memory')).toMatchObject([
      { systemCall: 'process_vm_writev', target: { pid: said.target }, arguments: { bytes: 8 } },
      { systemCall: 'openat', target: { pid: said.target }, path: `/proc/${said.target}/mem` },
    ])
    expect(await told(pid, 'trace')).toMatchObject([
      { systemCall: 'process_vm_readv', target: { pid: said.target }, arguments: { bytes: 8 } },
    ])
  })
})

describe('credentials', () => {
  test('are told when they change, with what was before', async () => {
    const { pid } = act(`
      process.setuid(0)
      process.setegid(65533)
      process.setgid(65534)
      process.seteuid(65533)
      process.seteuid(0)
      process.setuid(65534)`)
    expect(calls(await told(pid, 'set_user'))).toEqual([
      { systemCall: 'setresuid', uid: 0, euid: 65_533, suid: 0, old_uid: 0, old_euid: 0 },
      { systemCall: 'setresuid', uid: 0, euid: 0, suid: 0, old_uid: 0, old_euid: 65_533 },
      { systemCall: 'setuid', uid: 65_534, euid: 65_534, suid: 65_534, old_uid: 0, old_euid: 0 },
    ])
    expect(calls(await told(pid, 'set_group'))).toEqual([
      { systemCall: 'setresgid', gid: 0, egid: 65_533, sgid: 0, old_gid: 0, old_egid: 0 },
      { systemCall: 'setgid', gid: 65_534, egid: 65_534, sgid: 65_534, old_gid: 0, old_egid: 65_533 },
    ])
  })

  test('of capabilities name what is gained and dropped', async () => {
    const { pid } = act(`
      const header = new Uint32Array([0x20080522, 0])
      const sets = new Uint32Array(6)
      call('capset', header, new Uint32Array([1 << 21 | 1, 1 << 21 | 3, 0, 0, 0, 0]))
      call('capset', header, new Uint32Array([1, 1 << 21 | 3, 0, 0, 0, 0]))
      call('capset', header, new Uint32Array([1, 1 << 21 | 3, 0, 0, 0, 0]))`)
    const records = await told(pid, 'set_capabilities')
    expect(records).toHaveLength(2)
    expect(records[0]?.arguments).toMatchObject({
      permitted: 'CAP_CHOWN|CAP_DAC_OVERRIDE|CAP_SYS_ADMIN',
      effective: 'CAP_CHOWN|CAP_SYS_ADMIN',
      dropped: expect.stringContaining('CAP_SYS_PTRACE') as string,
    })
    expect(calls(records)[1]).toEqual({
      systemCall: 'capset',
      permitted: 'CAP_CHOWN|CAP_DAC_OVERRIDE|CAP_SYS_ADMIN',
      effective: 'CAP_CHOWN',
      dropped: 'CAP_SYS_ADMIN',
    })
  })

  test('in keyrings are told', async () => {
    const { pid, said } = act<(number | string)[]>(`
      say([call('keyctl', 1, null), call('add_key', 'user', 'vedette-test', Buffer.from('x'), 1, -2)])`)
    const keyring = [
      { systemCall: 'keyctl', operation: 'KEYCTL_JOIN_SESSION_KEYRING', key: 0 },
      { systemCall: 'add_key', type: 'user', description: 'vedette-test' },
    ]
    // Some kernels are built without keys.
    expect(calls(await told(pid, 'keyring'))).toEqual(said.includes('ENOSYS') ? [] : keyring)
  })
})

describe('memory', () => {
  test('that was writable becomes executable: told once of each way', async () => {
    const { pid } = act(`
      const map = (protection, flags) => c('mmap', 'int64_t', ['int64_t', 'size_t', 'int', 'int', 'int', 'int64_t'], 0, 4096, protection, flags, -1, 0)
      const protect = (at, protection) => c('mprotect', 'int', ['int64_t', 'size_t', 'int'], at, 12288, protection)
      for (let i = 0; i < 5; i += 1) {
        const at = c('mmap', 'int64_t', ['int64_t', 'size_t', 'int', 'int', 'int', 'int64_t'], 0, 12288, 3, 0x22, -1, 0)
        if (protect(at, 5) !== 0) throw new Error('mprotect')
        map(7, 0x22)
      }`)
    const records = calls(await told(pid, 'make_executable'))
    expect(records).toContainEqual({
      systemCall: 'mmap',
      memory: 'anonymous',
      len: 4096,
      prot: 'PROT_READ|PROT_WRITE|PROT_EXEC',
      flags: 'MAP_PRIVATE|MAP_ANONYMOUS',
    })
    const names = records.map((record) => JSON.stringify({ ...record, len: 0 }))
    expect(names).toContain(
      JSON.stringify({ systemCall: 'mprotect', memory: 'anonymous', len: 0, prot: 'PROT_READ|PROT_EXEC' }),
    )
    expect(new Set(names).size).toBe(names.length)
  })

  test('is told anew of another program in the same process', async () => {
    const map = 'syscall($ARGV[0], 0, 4096, 7, 0x22, -1, 0);'
    const again = `${map} exec '/usr/bin/perl', '-e', '${map}', $ARGV[0]`
    const { pid } = spawnSync('/usr/bin/perl', ['-e', again, process.arch === 'x64' ? '9' : '222'])
    const all = await told(pid, 'make_executable')
    expect(all.filter(({ systemCall }) => systemCall === 'mmap')).toHaveLength(2)
  })

  test('of the stack, and of a file without a name, is named so; a library as it lies on the disk is not told', async () => {
    const { pid } = act(`
      const stack = parseInt(/^([0-9a-f]+)-.*\\[stack\\]$/m.exec(readFileSync('/proc/self/maps', 'utf8'))[1], 16)
      c('mprotect', 'int', ['int64_t', 'size_t', 'int'], stack, 4096, 7)
      const map = (fd) => c('mmap', 'int64_t', ['int64_t', 'size_t', 'int', 'int', 'int', 'int64_t'], 0, 4096, 5, 2, fd, 0)
      const fd = call('memfd_create', 'library', 0)
      writeFileSync(fd, Buffer.alloc(4096))
      map(fd)
      map(openSync('/bin/true', 'r'))`)
    const records = await told(pid, 'make_executable')
    expect(calls(records)).toContainEqual({
      systemCall: 'mprotect',
      memory: 'stack',
      len: 4096,
      prot: 'PROT_READ|PROT_WRITE|PROT_EXEC',
    })
    const files = records.filter(({ arguments: of }) => of?.['memory'] === 'file')
    expect(files).toMatchObject([{ systemCall: 'mmap', path: '/memfd:library' }])
    expect(calls(await told(pid, 'create_memory_file'))).toEqual([
      { systemCall: 'memfd_create', name: 'library', flags: '0' },
    ])
  })

  test('whose faults a program handles itself is told', async () => {
    const { pid, said } = act<number | string>(`say(call('userfaultfd', 0x80000 | 1))`)
    const userfault = [{ systemCall: 'userfaultfd', flags: 'UFFD_USER_MODE_ONLY|O_CLOEXEC' }]
    expect(calls(await told(pid, 'userfault'))).toEqual(said === 'ENOSYS' ? [] : userfault)
  })
})

describe('the kernel itself', () => {
  test('is to load a module: told though it refuses', async () => {
    using folder = temporaryFolder()
    const path = folder.file('module.ko')
    // Even where the kernel has no such call, and so nothing that could be watched by its name.
    await using every = await Recorder.start({ watch_every_call: true })
    const { pid, said } = act<string[]>(`
      writeFileSync(${JSON.stringify(path)}, 'no module')
      say([
        call('init_module', Buffer.from('no module'), 9, 'debug=1'),
        call('finit_module', openSync(${JSON.stringify(path)}, 'r'), '', 2),
        call('delete_module', 'vedette_none', 0x800),
      ])`)
    const results = said.map((result) => ({ result }))
    expect(calls(await told(pid, 'load_module', every))).toMatchObject([
      { systemCall: 'init_module', len: 9, param_values: 'debug=1', ...results[0] },
      { systemCall: 'finit_module', flags: 'MODULE_INIT_IGNORE_VERMAGIC', ...results[1] },
    ])
    expect((await told(pid, 'load_module', every))[1]?.path).toBe(path)
    expect(calls(await told(pid, 'unload_module', every))).toEqual([
      { systemCall: 'delete_module', name: 'vedette_none', flags: 'O_NONBLOCK', ...results[2] },
    ])
  })

  test('is given a BPF program, and a counter of events', async () => {
    const { pid, said } = act<(number | string)[]>(`
      const code = Buffer.from('b700000000000000' + '9500000000000000', 'hex')
      const licence = Buffer.from('MIT\\0')
      const address = (buffer) => BigInt(c('memcpy', 'void *', ['void *', 'void *', 'size_t'], buffer, buffer, 0n))
      const attributes = new DataView(new ArrayBuffer(128))
      attributes.setUint32(0, 1, true)
      attributes.setUint32(4, 2, true)
      attributes.setBigUint64(8, address(code), true)
      attributes.setBigUint64(16, address(licence), true)
      new Uint8Array(attributes.buffer, 48).set(Buffer.from('quiet_filter'))
      const event = new DataView(new ArrayBuffer(128))
      event.setUint32(0, 1, true)
      event.setUint32(4, 128, true)
      const fds = [call('bpf', 5, new Uint8Array(attributes.buffer), 128)]
      fds.push(call('perf_event_open', new Uint8Array(event.buffer), process.ppid, -1, -1, 0))
      say(fds)`)
    expect(said[0]).toBeGreaterThan(0)
    expect(calls(await told(pid, 'bpf'))).toEqual([
      {
        systemCall: 'bpf',
        cmd: 'BPF_PROG_LOAD',
        prog_type: 'BPF_PROG_TYPE_SOCKET_FILTER',
        insn_cnt: 2,
        prog_name: 'quiet_filter',
      },
    ])
    const perf = {
      systemCall: 'perf_event_open',
      target: { pid: process.pid },
      arguments: { type: 'PERF_TYPE_SOFTWARE' },
    }
    expect(await told(pid, 'perf')).toMatchObject(said[1] === 'ENOSYS' ? [] : [perf])
  })
})

describe('namespaces and mounts', () => {
  const uts = Number(/\d+/.exec(readlinkSync('/proc/self/ns/uts'))?.[0])

  test('are made, entered and changed', async () => {
    using folder = temporaryFolder()
    const at = JSON.stringify(folder.path)
    const { pid, said } = act<(number | string)[]>(`
      const host = openSync('/proc/self/ns/uts', 'r')
      const mount = (...args) => c('mount', 'int', ['str', 'str', 'str', 'ulong', 'str'], ...args)
      say([
        c('unshare', 'int', ['int'], 0x20000 | 0x4000000),
        mount('none', '/', null, 0x44000, null),
        mount('tmpfs', ${at}, 'tmpfs', 6, 'size=64k'),
        mount('/etc', ${at}, null, 4096, null),
        c('umount2', 'int', ['str', 'int'], ${at}, 2),
        c('setns', 'int', ['int', 'int'], host, 0x4000000),
        c('setns', 'int', ['int', 'int'], host, 0x20000),
        mkdirSync(${at} + '/old') ?? 0,
        call('pivot_root', ${at}, ${at} + '/old'),
        c('chroot', 'int', ['str'], '.'),
      ])`)
    expect(said).toEqual([0, 0, 0, 0, 0, 0, 'EINVAL', 0, 0, 0])
    expect(calls(await told(pid, 'create_namespace'))).toEqual([
      { systemCall: 'unshare', flags: 'CLONE_NEWNS|CLONE_NEWUTS' },
    ])
    expect(calls(await told(pid, 'mount'))).toEqual([
      { systemCall: 'mount', source: 'none', target: '/', flags: 'MS_REC|MS_PRIVATE' },
      {
        systemCall: 'mount',
        source: 'tmpfs',
        target: folder.path,
        fstype: 'tmpfs',
        flags: 'MS_NOSUID|MS_NODEV',
      },
      { systemCall: 'mount', source: '/etc', target: folder.path, flags: 'MS_BIND' },
    ])
    expect(calls(await told(pid, 'unmount'))).toEqual([
      { systemCall: 'umount2', target: folder.path, flags: 'MNT_DETACH' },
    ])
    expect(calls(await told(pid, 'enter_namespace'))).toEqual([
      { systemCall: 'setns', nstype: 'CLONE_NEWUTS', namespace: uts },
    ])
    expect(calls(await told(pid, 'change_root'))).toEqual([
      { systemCall: 'pivot_root', new_root: folder.path, put_old: `${folder.path}/old` },
      { systemCall: 'chroot', root: '.' },
    ])
  })

  test('come with a new process; who may not enter one is told', async () => {
    const { pid, said } = act<[number, string]>(`
      const child = call('clone', 0x4000000 | 17, 0, 0, 0, 0)
      if (child === 0) c('_exit', 'void', ['int'], 0)
      c('waitpid', 'int', ['int', 'void *', 'int'], child, null, 0)
      const host = openSync('/proc/self/ns/net', 'r')
      process.setuid(65534)
      say([child, c('setns', 'int', ['int', 'int'], host, 0)])`)
    expect(said[1]).toBe('EPERM')
    expect(await told(pid, 'create_namespace')).toMatchObject([
      { systemCall: 'clone', target: { pid: said[0] }, arguments: { flags: 'CLONE_NEWUTS' } },
    ])
    expect(await told(pid, 'enter_namespace')).toMatchObject([
      { systemCall: 'setns', arguments: { nstype: 'CLONE_NEWNET', result: 'EPERM' } },
    ])
  })
})

test('work that goes past the system calls is told: what, how often, and where to', async () => {
  using folder = temporaryFolder()
  const path = folder.file('unseen')
  closeSync(openSync(path, 'w'))
  const { pid, said } = act<number[] | string>(`
    const parameters = new DataView(new ArrayBuffer(120))
    const ring = call('io_uring_setup', 8, new Uint8Array(parameters.buffer))
    if (typeof ring === 'string') say(ring)
    else {
      const u32 = (at) => parameters.getUint32(at, true)
      const [tail, mask, array] = [u32(44), u32(48), u32(64)]
      using rings = new MemoryMap(ring, Math.max(array + 8 * 4, u32(100) + 16 * 16), { offset: 0, writable: true })
      using entries = new MemoryMap(ring, 8 * 64, { offset: 0x10000000, writable: true })
      const words = new Uint32Array(rings.buffer)
      const entry = new DataView(entries.buffer)
      const address = (buffer) => BigInt(c('memcpy', 'void *', ['void *', 'void *', 'size_t'], buffer, buffer, 0n))
      const name = Buffer.from(${JSON.stringify(path)} + '\\0')
      const peer = Buffer.from([2, 0, 0, 9, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
      const socket = c('socket', 'int', ['int', 'int', 'int'], 2, 1, 0)
      const submit = (operation, fd, at, length, offset) => {
        for (let i = 0; i < 64; i += 8) entry.setBigUint64(i, 0n, true)
        entry.setUint8(0, operation)
        entry.setInt32(4, fd, true)
        entry.setBigUint64(8, offset, true)
        entry.setBigUint64(16, at, true)
        entry.setUint32(24, length, true)
        words[array / 4 + (words[tail / 4] & words[mask / 4])] = 0
        words[tail / 4] += 1
        return call('io_uring_enter', ring, 1, 1, 1, null, 0)
      }
      const results = [submit(18, -100, address(name), 0, 0n), submit(16, socket, address(peer), 0, 16n), submit(0, 0, 0n, 0, 0n)]
      const buffer = Buffer.alloc(8)
      for (let i = 0; i < 3; i += 1) results.push(submit(22, 0, address(buffer), 8, 0n))
      say(results)
    }`)
  if (typeof said === 'string') {
    // Switched off here (kernel.io_uring_disabled) or not built in: then nobody can go this way.
    expect(['EPERM', 'ENOSYS']).toContain(said)
    expect(calls(await told(pid, 'io_uring'))).toMatchObject(said === 'EPERM' ? [{ result: 'EPERM' }] : [])
    return
  }
  expect(said).toEqual([1, 1, 1, 1, 1, 1])
  const records = await told(pid, 'io_uring')
  expect(records.some(({ systemCall }) => systemCall === 'io_uring_setup')).toBe(true)
  expect(records).toContainEqual(
    expect.objectContaining({ path, arguments: { pathname: path, operation: 'IORING_OP_OPENAT' } }),
  )
  expect(records.map((record) => record.arguments)).toContainEqual({
    address: '127.0.0.1',
    port: 9,
    operation: 'IORING_OP_CONNECT',
  })
  const counts: Record<string, number> = {}
  for (const { systemCall, arguments: of = {} } of records) {
    if (systemCall !== '' || 'operation' in of) continue
    for (const [name, count] of Object.entries(of)) counts[name] = (counts[name] ?? 0) + Number(count)
  }
  expect(counts).toEqual({ IORING_OP_OPENAT: 1, IORING_OP_CONNECT: 1, IORING_OP_READ: 3 })
})
