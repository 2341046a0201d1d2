import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { readProcessStat } from '@vedette/linux'
import type { SocketRecord } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recorder } from './recorder.ts'

needsRoot()

let recorder: Recorder

beforeAll(async () => {
  recorder = await Recorder.start()
})

afterAll(async () => {
  await recorder[Symbol.asyncDispose]()
  const { emitted, delivered, lost } = recorder.collector.counters()
  expect({ delivered, lost }).toEqual({ delivered: emitted, lost: 0 })
})

const self = { pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks }

async function talk(host: string): Promise<{ server: AddressInfo; client: AddressInfo }> {
  const server = createServer((socket) => {
    socket.end('hello')
    socket.resume()
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { address, port } = server.address() as AddressInfo
  const socket = connect(port, address)
  await once(socket, 'connect')
  const client = socket.address() as AddressInfo
  socket.end('good morning')
  socket.resume()
  await once(socket, 'close')
  server.close()
  await once(server, 'close')
  return { server: { address, port, family: '' }, client: { ...client } }
}

describe.each(['127.0.0.1', '::1'])('TCP over %s', (host) => {
  test('listen, connect, accept and both ends of close are told', async () => {
    const { server, client } = await talk(host)
    const at = (port: number) => ({ address: host, port })
    const of = (type: SocketRecord['type'], end: 'local' | 'remote', port: number) =>
      recorder.find(type, (record) => record[end]?.port === port && record.local.address === host)

    const listen = await of('listen', 'local', server.port)
    expect(listen).toMatchObject({ process: self, protocol: 'tcp', local: at(server.port) })
    expect(listen.remote).toBeUndefined()

    const connected = await of('connect', 'remote', server.port)
    expect(connected).toMatchObject({
      process: self,
      protocol: 'tcp',
      local: at(client.port),
      remote: at(server.port),
    })

    const accept = await of('accept', 'local', server.port)
    expect(accept).toMatchObject({ process: self, local: at(server.port), remote: at(client.port) })

    const closeOfServer = await of('close', 'local', server.port)
    expect(closeOfServer).toMatchObject({ process: self, remote: at(client.port), bytesIn: 12, bytesOut: 5 })
    const closeOfClient = await of('close', 'local', client.port)
    expect(closeOfClient).toMatchObject({ process: self, remote: at(server.port), bytesIn: 5, bytesOut: 12 })
  })
})

describe('TCP', () => {
  test('an IPv4 connection through an IPv6 socket is given as IPv4', async () => {
    const server = createServer((socket) => socket.destroy())
    server.listen(0, '::')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'close')
    server.close()
    const accept = await recorder.find('accept', ({ local }) => local.port === port)
    expect(accept.local.address).toBe('127.0.0.1')
    expect(accept.remote?.address).toBe('127.0.0.1')
  })

  test('a connection that is refused is told: connect, then close without bytes', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const child = spawn('/bin/bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`], { stdio: 'ignore' })
    await once(child, 'exit')
    const connected = await recorder.find('connect', ({ process }) => process.pid === child.pid)
    expect(connected.remote).toEqual({ address: '127.0.0.1', port })
    const closed = await recorder.find('close', ({ process }) => process.pid === child.pid)
    expect(closed).toMatchObject({ bytesIn: 0, bytesOut: 0, remote: { port } })
    expect(connected.local.port).toBeGreaterThan(0)
    expect(closed.local).toEqual(connected.local)
    expect(
      recorder
        .all('connect')
        .filter(({ process, remote }) => process.pid === child.pid && remote?.port === port),
    ).toHaveLength(1)
  })

  test.each([
    ['waits', ''],
    ['does not wait', 'use IO::Handle; $s->blocking(0);'],
  ])(
    'one that nobody answers is told with its port while it is under way, where who asks %s',
    async (_, how) => {
      // A queue that is full drops what comes: of two connections that nobody accepts.
      const script = `use Socket; socket(my $l, PF_INET, SOCK_STREAM, 0); bind($l, sockaddr_in(0, INADDR_LOOPBACK)); listen($l, 0);
      my ($port) = sockaddr_in(getsockname($l)); my @filled;
      for (1 .. 4) { socket(my $f, PF_INET, SOCK_STREAM, 0); use IO::Handle; $f->blocking(0); connect($f, sockaddr_in($port, INADDR_LOOPBACK)); push @filled, $f }
      select(undef, undef, undef, 0.2);
      $| = 1; print "$port\n"; <STDIN>;
      socket(my $s, PF_INET, SOCK_STREAM, 0); ${how} connect($s, sockaddr_in($port, INADDR_LOOPBACK)); sleep 30`
      const child = spawn('/usr/bin/perl', ['-e', script])
      const [data] = (await once(child.stdout, 'data')) as [Buffer]
      const port = Number(data.toString())
      const ofChild = () =>
        recorder
          .all('connect')
          .filter(({ process, remote }) => process.pid === child.pid && remote?.port === port)
      await expect.poll(ofChild, { timeout: 10_000 }).toHaveLength(4)
      child.stdin.write('\n')
      await expect.poll(ofChild, { timeout: 10_000 }).toHaveLength(5)
      expect(child.exitCode).toBeNull()
      for (const { local } of ofChild()) expect(local.port).toBeGreaterThan(0)
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  )

  test('what another process accepts is that of that process', async () => {
    const script = `use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0); bind($s, sockaddr_in(0, INADDR_LOOPBACK));
      listen($s, 1); my ($port) = sockaddr_in(getsockname($s)); print $port; $| = 1; print "\n";
      accept(my $c, $s);`
    const child = spawn('/usr/bin/perl', ['-e', script])
    const [data] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(data.toString())
    const socket = connect(port, '127.0.0.1')
    socket.resume()
    await once(child, 'exit')
    socket.destroy()
    const accept = await recorder.find('accept', ({ local }) => local.port === port)
    expect(accept.process.pid).toBe(child.pid)
  })
})

describe('UDP', () => {
  test('a connected socket is told', async () => {
    const socket = createSocket('udp4')
    socket.connect(53_535, '127.0.0.1')
    await once(socket, 'connect')
    const { port } = socket.address()
    socket.close()
    const record = await recorder.find(
      'connect',
      ({ protocol, local }) => protocol === 'udp' && local.port === port,
    )
    expect(record).toMatchObject({
      process: self,
      local: { address: '127.0.0.1', port },
      remote: { address: '127.0.0.1', port: 53_535 },
    })
  })
})

describe('ignored processes', () => {
  test('tell neither sockets nor files, but are seen to run', async () => {
    await using quiet = await Recorder.start({ ignore_self: true })
    const { server } = await talk('127.0.0.1')
    const { pid } = spawnSync('/bin/true')
    await recorder.find('connect', ({ remote }) => remote?.port === server.port)
    const exec = await quiet.find('exec', ({ process }) => process.pid === pid)
    expect(exec.parent).toEqual(self)
    await quiet.stop()
    expect(quiet.seen.filter(({ type, process }) => type !== 'exit' && process.pid === self.pid)).toEqual([])
  })
})

test('network: false tells no socket of anybody', async () => {
  await using deaf = await Recorder.start({ network: false, watch_paths: ['/etc/hosts'] })
  const { server } = await talk('127.0.0.1')
  const socket = createSocket('udp4')
  socket.connect(53_535, '127.0.0.1')
  await once(socket, 'connect')
  socket.close()
  await recorder.find('accept', ({ local }) => local.port === server.port)
  await deaf.stop()
  expect(deaf.seen.filter((record) => 'local' in record)).toEqual([])
  expect(deaf.collector.blindSpots()).toContainEqual(expect.objectContaining({ code: 'network-off' }))
})
