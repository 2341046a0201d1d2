import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { readProcessStat } from '@vedette/linux'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recorder, temporaryFolder } from './recorder.ts'

needsRoot()

let recorder: Recorder

beforeAll(async () => {
  recorder = await Recorder.start({ network: false })
})

afterAll(async () => {
  await recorder[Symbol.asyncDispose]()
  const { emitted, delivered, lost } = recorder.collector.counters()
  expect({ delivered, lost }).toEqual({ delivered: emitted, lost: 0 })
  expect(delivered).toBe(recorder.seen.length)
})

const namespace = (kind: 'pid' | 'mnt') => Number(/\d+/.exec(readlinkSync(`/proc/self/ns/${kind}`))?.[0])

describe('exec', () => {
  test('tells program, arguments and where it came from', async () => {
    const beforeMs = Date.now() - 5
    const { pid } = spawnSync('/bin/echo', ['', 'two words', 'a\nline', 'Größe', ''], { cwd: '/usr/share' })
    const record = await recorder.find('exec', ({ process }) => process.pid === pid)
    const parent = { pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks }
    expect(record).toMatchObject({
      source: 'ebpf',
      parent,
      executable: '/usr/bin/echo',
      argv: ['/bin/echo', '', 'two words', 'a\nline', 'Größe', ''],
      argvTruncated: false,
      uid: process.getuid?.(),
      gid: process.getgid?.(),
      workingDirectory: '/usr/share',
      taskName: 'echo',
      pidNamespace: namespace('pid'),
      mountNamespace: namespace('mnt'),
    })
    const file = statSync('/usr/bin/echo', { bigint: true })
    expect(record.executableFile).toEqual({
      device: Number(file.dev),
      inode: Number(file.ino),
      links: Number(file.nlink),
      sizeBytes: Number(file.size),
      changed: `${file.ctimeNs / 1_000_000_000n}.${file.ctimeNs % 1_000_000_000n}`,
    })
    expect(record.euid).toBeUndefined()
    expect(record.timeMs).toBeGreaterThan(beforeMs)
    expect(record.timeMs).toBeLessThan(Date.now() + 5)
  })

  test('gives the start of a process as /proc does', async () => {
    const child = spawn('/bin/sleep', ['30'])
    await once(child, 'spawn')
    try {
      const record = await recorder.find('exec', ({ process }) => process.pid === child.pid)
      expect(record.process.startTicks).toBe(readProcessStat(child.pid ?? 0)?.startTicks)
    } finally {
      child.kill()
    }
  })

  test('gives the cgroup that /proc gives', async () => {
    const { pid } = spawnSync('/bin/true')
    const record = await recorder.find('exec', ({ process }) => process.pid === pid)
    const unified = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1]
    expect(record.cgroupPath).toBe(unified)
    expect(record.cgroupId).toBeGreaterThan(0)
  })

  test('replaces bytes that are no UTF-8 and keeps the bounds of the arguments', async () => {
    const { pid } = spawnSync('/bin/bash', ['-c', String.raw`exec /bin/true $'a\xffb' '' $'\xc3\x28'`])
    const record = await recorder.find(
      'exec',
      ({ process, argv }) => process.pid === pid && argv[0] === '/bin/true',
    )
    expect(record.argv).toEqual(['/bin/true', 'a\ufffdb', '', '\ufffd('])
  })

  test('gives 256 arguments of 300, and says that it cut', async () => {
    const args = Array.from({ length: 299 }, (_, i) => `argument-${i}`)
    const { pid } = spawnSync('/bin/true', args)
    const record = await recorder.find('exec', ({ process }) => process.pid === pid)
    expect(record.argv).toEqual(['/bin/true', ...args.slice(0, 255)])
    expect(record.argvTruncated).toBe(true)
  })

  test('gives 16 KiB of a longer command line, and says that it cut', async () => {
    const { pid } = spawnSync('/bin/true', ['x'.repeat(20_000), 'unseen'])
    const record = await recorder.find('exec', ({ process }) => process.pid === pid)
    expect(record.argv).toEqual(['/bin/true', 'x'.repeat(16 * 1024 - '/bin/true\0'.length)])
    expect(record.argvTruncated).toBe(true)
  })

  test('a command line of just under 16 KiB is whole', async () => {
    const { pid } = spawnSync('/bin/true', ['y'.repeat(16_000)])
    const record = await recorder.find('exec', ({ process }) => process.pid === pid)
    expect(record.argv).toEqual(['/bin/true', 'y'.repeat(16_000)])
    expect(record.argvTruncated).toBe(false)
  })

  test('names a program that lies only in memory', async () => {
    // memfd_create(2) is system call 319 on x86-64 and 279 on arm64.
    const script = `
      open(my $from, '<:raw', '/bin/true'); local $/; my $program = <$from>;
      my $name = 'kworker/0';
      my $fd = syscall(${process.arch === 'arm64' ? 279 : 319}, $name, 0);
      open(my $to, '>&=', $fd); binmode $to; syswrite($to, $program);
      exec {"/proc/self/fd/$fd"} 'innocent', 'argument';`
    const { pid, stderr } = spawnSync('/usr/bin/perl', ['-e', script], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const record = await recorder.find(
      'exec',
      ({ process, executable }) => process.pid === pid && !executable.includes('perl'),
    )
    expect(record).toMatchObject({ executable: 'memfd:kworker/0', argv: ['innocent', 'argument'] })
    expect(record.executableFile?.links).toBe(0)
  })

  test('gives the path of a program that was deleted as it was', async () => {
    using folder = temporaryFolder()
    copyFileSync('/bin/sleep', folder.file('gone'))
    const script = `open(my $self, '<', $ARGV[0]); unlink $ARGV[0]; my $fd = fileno $self;
      use Fcntl; fcntl($self, F_SETFD, 0); exec {"/proc/self/fd/$fd"} 'gone', '0';`
    const { pid } = spawnSync('/usr/bin/perl', ['-e', script, folder.file('gone')])
    const record = await recorder.find(
      'exec',
      ({ process, argv }) => process.pid === pid && argv[0] === 'gone',
    )
    expect(record.executable).toBe(folder.file('gone'))
    expect(record.executableFile?.links).toBe(0)
  })

  test('tells what the standard streams are', async () => {
    const { pid } = spawnSync('/bin/bash', [
      '-c',
      'exec 0</etc/passwd 1>/dev/null 2>&-; exec /bin/true streams',
    ])
    const record = await recorder.find(
      'exec',
      ({ process, argv }) => process.pid === pid && argv[1] === 'streams',
    )
    expect(record.streams).toEqual([{ type: 'file' }, { type: 'device' }, { type: 'closed' }])
  })

  test('tells the far end of a shell that talks to a socket', async () => {
    const server = createServer((socket) => socket.resume())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    try {
      const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; exec /bin/sh -c 'exit 3' <&3 >&3 2>&3`
      const child = spawn('/bin/bash', ['-c', script])
      await once(child, 'exit')
      const record = await recorder.find(
        'exec',
        ({ process, argv }) => process.pid === child.pid && argv[0] === '/bin/sh',
      )
      const peer = { address: '127.0.0.1', port }
      expect(record.streams).toEqual([
        { type: 'socket', peer },
        { type: 'socket', peer },
        { type: 'socket', peer },
      ])
    } finally {
      server.close()
    }
  })

  test('tells a terminal', async () => {
    const { pid } = spawnSync('/usr/bin/script', ['-qec', '/bin/true on-a-terminal', '/dev/null'])
    expect(pid).toBeGreaterThan(0)
    const record = await recorder.find('exec', ({ argv }) => argv[1] === 'on-a-terminal')
    expect(record.streams).toEqual([{ type: 'tty' }, { type: 'tty' }, { type: 'tty' }])
  })

  test('tells the effective user of a set-user-ID program', async () => {
    using folder = temporaryFolder()
    const path = folder.file('set-uid')
    copyFileSync('/bin/true', path)
    spawnSync('/bin/chmod', ['4755', path])
    spawnSync('/bin/chmod', ['755', folder.path])
    const { pid } = spawnSync(path, [], { uid: 65534, gid: 65534 })
    const record = await recorder.find(
      'exec',
      ({ process, executable }) => process.pid === pid && executable === path,
    )
    expect(record).toMatchObject({ uid: 65534, gid: 65534, euid: 0 })
  })
})

describe('fork and exit', () => {
  test('come with each process, in order, and threads are none', async () => {
    const child = spawn('/usr/bin/perl', ['-e', 'exit 7'])
    await once(child, 'exit')
    const exit = await recorder.find('exit', ({ process }) => process.pid === child.pid)
    const fork = await recorder.find('fork', ({ process }) => process.pid === child.pid)
    const exec = await recorder.find('exec', ({ process }) => process.pid === child.pid)
    expect(fork.parent.pid).toBe(process.pid)
    expect(fork.process).toEqual(exec.process)
    expect(exit.process).toEqual(exec.process)
    expect(exit.exitCode).toBe(7)
    expect(exit.signal).toBeUndefined()
    expect(recorder.seen.indexOf(fork)).toBeLessThan(recorder.seen.indexOf(exec))
    expect(recorder.seen.indexOf(exec)).toBeLessThan(recorder.seen.indexOf(exit))
  })

  test('an exit says which signal ended it', async () => {
    const child = spawn('/bin/sleep', ['30'])
    await once(child, 'spawn')
    child.kill('SIGKILL')
    const exit = await recorder.find('exit', ({ process }) => process.pid === child.pid)
    expect(exit.signal).toBe(9)
    expect(exit.exitCode).toBeUndefined()
  })

  /** Makes a child by clone(2) itself; it runs a program and ends. */
  function clone(flags: string, unsharedFlags = '0') {
    const [number, unshare] = process.arch === 'arm64' ? [220, 97] : [56, 272]
    const script = `
      if (${unsharedFlags}) { syscall(${unshare}, ${unsharedFlags}) == 0 or die $! }
      my $pid = syscall(${number}, 17 | ${flags}, 0, 0, 0, 0);
      if ($pid == 0) { exec '/bin/true', 'cloned' }
      waitpid($pid, 0);`
    return spawnSync('/usr/bin/perl', ['-e', script], { encoding: 'utf8' })
  }

  test('a fork says by which flags of clone(2) it was made, where they are out of the ordinary', async () => {
    // CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWNS
    const { pid, stderr } = clone('0x10000000 | 0x4000000 | 0x20000')
    expect(stderr).toBe('')
    const fork = await recorder.find('fork', ({ parent }) => parent.pid === pid)
    expect(fork.cloneFlags).toEqual(['CLONE_NEWNS', 'CLONE_NEWUTS', 'CLONE_NEWUSER'])
  })

  test('a fork names its maker even where the child was given another parent', async () => {
    const { pid } = clone('0x8000') // CLONE_PARENT
    const fork = await recorder.find('fork', ({ parent }) => parent.pid === pid)
    expect(fork.cloneFlags).toEqual(['CLONE_PARENT'])
    const exec = await recorder.find('exec', ({ process }) => process.pid === fork.process.pid)
    expect(exec.parent.pid).toBe(process.pid)
  })

  test('of a fork as any program makes it no flags are told, nor of one in namespaces that were made before', async () => {
    const everyday = spawnSync('/bin/sh', ['-c', '/bin/true; /bin/true'])
    const unshared = clone('0', '0x4000000')
    await recorder.find('exit', ({ process }) => process.pid === unshared.pid)
    const forks = recorder
      .all('fork')
      .filter(({ parent }) => parent.pid === everyday.pid || parent.pid === unshared.pid)
    expect(forks.length).toBeGreaterThanOrEqual(2)
    expect(forks.map(({ cloneFlags }) => cloneFlags)).toEqual(forks.map(() => undefined))
  })

  test('a process with many threads is told once', async () => {
    const { pid } = spawnSync(process.execPath, [
      '-e',
      'for (let i = 0; i < 4; i += 1) new (require("worker_threads").Worker)("process.exit", { eval: true })',
    ])
    await recorder.find('exit', ({ process }) => process.pid === pid)
    const last = spawnSync('/bin/true').pid
    await recorder.find('exit', ({ process }) => process.pid === last)
    expect(recorder.all('fork').filter(({ process }) => process.pid === pid)).toHaveLength(1)
    expect(recorder.all('exit').filter(({ process }) => process.pid === pid)).toHaveLength(1)
  })
})
