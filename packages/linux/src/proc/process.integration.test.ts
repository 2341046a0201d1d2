import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootTimeMs, clockTicksPerSecond } from '../time.ts'
import { listPids, MAX_ARGUMENTS, MAX_ARGV_BYTES, readProcess } from './process.ts'
import { readTcpSockets } from './tcp-table.ts'

/** Runs a program until `look` has looked at it. */
async function during<T>(command: readonly [string, ...string[]], look: (pid: number) => T): Promise<T> {
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'ignore', 'inherit'] })
  try {
    return look(child.pid ?? 0)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

describe('readProcess()', () => {
  test('tells what a program runs, for whom, since when and from where', async () => {
    const before = Date.now()
    const info = await during(['/bin/cat', '-', 'a b', '', 'ü'], readProcess)
    expect(info).toMatchObject({
      name: 'cat',
      ppid: process.pid,
      executable: '/usr/bin/cat',
      executableDeleted: false,
      argv: ['/bin/cat', '-', 'a b', '', 'ü'],
      argvTruncated: false,
      uid: process.getuid?.(),
      euid: process.geteuid?.(),
      workingDirectory: process.cwd(),
      kernelThread: false,
      mountNamespace: Number(/\d+/.exec(readlinkSync('/proc/self/ns/mnt'))?.[0]),
    })
    // Node joins a child by a pair of sockets.
    expect(info?.descriptors).toMatchObject([
      { type: 'socket', protocol: expect.stringMatching(/^UNIX/) },
      { type: 'device' },
      {},
    ])
    const started = bootTimeMs() + ((info?.startTicks ?? 0) * 1000) / clockTicksPerSecond()
    expect(Math.abs(started - before)).toBeLessThan(1000)
  })

  test('cuts long arguments', async () => {
    const many = await during(['/bin/cat', '-', ...Array.from({ length: 400 }, () => 'x')], readProcess)
    expect(many?.argv.length).toBe(MAX_ARGUMENTS)
    expect(many?.argvTruncated).toBe(true)
    const long = await during(['/bin/cat', '-', 'x'.repeat(100_000)], readProcess)
    expect(long?.argv.join('\0').length).toBe(MAX_ARGV_BYTES)
    expect(long?.argvTruncated).toBe(true)
  })

  test('says when the executable was removed, and when it is only called so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-proc-'))
    const removed = join(folder, 'tool')
    const named = join(folder, 'tool (deleted)')
    copyFileSync('/bin/sleep', removed)
    copyFileSync('/bin/sleep', named)
    const gone = await during([removed, '60'], (pid) => {
      rmSync(removed)
      return readProcess(pid)
    })
    expect(gone).toMatchObject({ executable: removed, executableDeleted: true, executableFile: { links: 0 } })
    const there = await during([named, '60'], readProcess)
    expect(there).toMatchObject({ executable: named, executableDeleted: false, executableFile: { links: 1 } })
    rmSync(folder, { recursive: true })
  })

  test('knows the kernel threads', () => {
    expect(readProcess(2)).toMatchObject({ kernelThread: true, argv: [] })
  })

  test('nobody is there', async () => {
    const pid = await during(['/bin/sleep', '60'], (pid) => pid)
    expect(readProcess(pid)).toBeUndefined()
    expect(listPids()).not.toContain(pid)
    expect(listPids()).toContain(process.pid)
  })
})

describe('readTcpSockets()', () => {
  test('lists a connection with both its ends, and its inode names the descriptor of its process', async () => {
    const accepted: Socket[] = []
    const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const client = connect(port, '127.0.0.1')
    await once(client, 'connect')
    const child = spawn('/bin/sleep', ['60'], { stdio: [client, 'ignore', 'ignore'] })
    const input = readProcess(child.pid ?? 0)?.descriptors?.[0]
    const inode = input?.inode
    const sockets = readTcpSockets(child.pid)
    child.kill('SIGKILL')
    await once(child, 'exit')
    client.destroy()
    for (const socket of accepted) socket.destroy()
    server.close()
    expect(input).toMatchObject({ type: 'socket', protocol: 'TCP' })
    expect(sockets.find((socket) => socket.inode === inode)).toMatchObject({
      state: 'established',
      remoteAddress: '127.0.0.1',
      remotePort: port,
    })
    expect(sockets).toContainEqual(expect.objectContaining({ state: 'listen', localPort: port }))
  })
})
