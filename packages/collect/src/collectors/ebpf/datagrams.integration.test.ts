import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { act } from './actor.ts'
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

/** Makes sockets by the C library, in a process of its own. */
const sockets = `
  const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3 }
  const socket = (family, type, protocol = 0) => c('socket', 'int', ['int', 'int', 'int'], family, type, protocol)
  const inet = (port, ...address) => {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt16LE(2, 0)
    bytes.writeUInt16BE(port, 2)
    Buffer.from(address).copy(bytes, 4)
    return bytes
  }
  const inet6 = (port, last) => {
    const bytes = Buffer.alloc(28)
    bytes.writeUInt16LE(10, 0)
    bytes.writeUInt16BE(port, 2)
    bytes[23] = last
    return bytes
  }
  const bind = (fd, name) => c('bind', 'int', ['int', 'void *', 'int'], fd, name, name.length)
  const connect = (fd, name) => c('connect', 'int', ['int', 'void *', 'int'], fd, name, name.length)
  const sendto = (fd, data, name) =>
    c('sendto', 'int64_t', ['int', 'void *', 'int64_t', 'int', 'void *', 'int'], fd, data, data.length, 0, name, name?.length ?? 0)
`

test('a port that is asked for is told; one that the kernel chose is not', async () => {
  const { pid } = act(`${sockets}
    bind(socket(2, SOCK.STREAM), inet(45671, 127, 0, 0, 1))
    bind(socket(10, SOCK.DGRAM), inet6(45672, 1))
    bind(socket(2, SOCK.DGRAM), inet(0, 127, 0, 0, 1))`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  expect(
    recorder
      .all('bind')
      .filter(({ process }) => process.pid === pid)
      .map(({ protocol, local }) => [protocol, local]),
  ).toEqual([
    ['tcp', { address: '127.0.0.1', port: 45_671 }],
    ['udp', { address: '::1', port: 45_672 }],
  ])
})

test('datagrams without a connection are told once, then when a MiB has been sent, and the rest at the end', async () => {
  const { pid } = act(`${sockets}
    const fd = socket(2, SOCK.DGRAM)
    const to = inet(45673, 127, 0, 0, 1)
    for (let i = 0; i < 40; i += 1) sendto(fd, Buffer.alloc(32768), to)
    sendto(fd, Buffer.from('elsewhere'), inet(45674, 127, 0, 0, 1))`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  const sent = recorder.all('send').filter(({ process }) => process.pid === pid)
  expect(sent.map(({ remote, bytesOut, datagrams }) => [remote?.port, bytesOut, datagrams])).toEqual([
    [45_673, 32_768, 1],
    [45_673, 1 << 20, 32],
    [45_674, 9, 1],
    [45_673, 7 * 32_768, 7],
  ])
  expect(sent.reduce((sum, { bytesOut = 0 }) => sum + bytesOut, 0)).toBe(40 * 32_768 + 9)
  expect(sent[0]).toMatchObject({ protocol: 'udp', remote: { address: '127.0.0.1' }, bytesIn: 0 })
})

test('what goes on is told again after a while', async () => {
  await using soon = await Recorder.start({ send_seconds: 1 })
  const socket = createSocket('udp4')
  const send = async () => {
    socket.send('ping', 45_675, '127.0.0.1')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  while (soon.all('send').filter(({ remote }) => remote?.port === 45_675).length < 2) await send()
  socket.close()
  const [first, second] = soon.all('send').filter(({ remote }) => remote?.port === 45_675)
  expect(first).toMatchObject({ process: { pid: process.pid }, bytesOut: 4, datagrams: 1 })
  expect((second?.timeMs ?? 0) - (first?.timeMs ?? 0)).toBeGreaterThanOrEqual(1000)
  expect(second?.bytesOut).toBe(4 * (second?.datagrams ?? 0))
})

const query = (name: string) =>
  `Buffer.concat([Buffer.from('123401000001000000000000', 'hex'),
    ...'${name}'.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.from('0000100001', 'hex')])`

test('a name that is asked for is told with who asked, connected or not', async () => {
  const { pid } = act(`${sockets}
    sendto(socket(2, SOCK.DGRAM), ${query('unconnected.example')}, inet(53, 127, 0, 0, 53))
    const connected = socket(2, SOCK.DGRAM)
    connect(connected, inet(53, 127, 0, 0, 53))
    sendto(connected, ${query('connected.example')}, null)
    sendto(socket(2, SOCK.DGRAM), Buffer.from('no question'), inet(53, 127, 0, 0, 53))
    sendto(socket(2, SOCK.DGRAM), ${query('elsewhere.example')}, inet(54, 127, 0, 0, 53))`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  const asked = recorder.all('protocol').filter(({ process }) => process.pid === pid)
  expect(
    asked.map(({ facts }) => [facts.dns?.hostname, facts.dns?.query_type, facts.dns?.anomalies]),
  ).toEqual([
    ['unconnected.example', 'TXT', undefined],
    ['connected.example', 'TXT', undefined],
    ['', '', ['malformed']],
  ])
  expect(asked[0]).toMatchObject({ name: 'dns', transport: 'udp', to: { ip: '127.0.0.53', port: 53 } })
})

test('both questions of one sendmmsg are told', async () => {
  // The C library asks for A and AAAA in one call.
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.close()
  const { pid } = act(`${sockets}
    c('getaddrinfo', 'int', ['str', 'void *', 'void *', 'void *'], 'two-questions.example', null, null, Buffer.alloc(8))`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  const types = recorder
    .all('protocol')
    .filter(({ process, facts }) => process.pid === pid && facts.dns?.hostname === 'two-questions.example')
    .map(({ facts }) => facts.dns?.query_type)
  expect(new Set(types)).toEqual(new Set(['A', 'AAAA']))
})

test('sockets for whole packets, and of families that few use, are told with what was asked', async () => {
  const { pid, said: seldom } = act<number | string>(`${sockets}
    socket(17, SOCK.RAW, 0x0300)
    socket(2, SOCK.RAW, 1)
    say(socket(40, SOCK.STREAM, 0))
    socket(16, SOCK.RAW, 9)
    socket(16, SOCK.RAW, 0)
    socket(2, SOCK.STREAM, 0)`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  const made = recorder.all('raw').filter(({ process }) => process.pid === pid)
  expect(
    made.map(({ protocol, socket }) => [protocol, socket?.family, socket?.type, socket?.protocol]),
  ).toEqual([
    ['packet', 'AF_PACKET', 'SOCK_RAW', 'ETH_P_ALL'],
    ['raw', 'AF_INET', 'SOCK_RAW', 'IPPROTO_ICMP'],
    // Not every kernel has it.
    ...(typeof seldom === 'number' ? [['other', 'AF_VSOCK', 'SOCK_STREAM', '0']] : []),
    ['other', 'AF_NETLINK', 'SOCK_RAW', 'NETLINK_AUDIT'],
  ])
})

test('a raw socket that is refused is told, too', async () => {
  const { pid } = act(`${sockets}
    process.setuid(65534)
    socket(17, SOCK.RAW, 0x0300)`)
  const made = await recorder.find('raw', ({ process }) => process.pid === pid)
  expect(made).toMatchObject({ result: 'EPERM', socket: { family: 'AF_PACKET' } })
})

test('why a connection did not come about is told', async () => {
  const { pid } = act(`${sockets}
    const refused = socket(2, SOCK.STREAM)
    connect(refused, inet(45676, 127, 0, 0, 1))
    connect(socket(2, SOCK.STREAM), inet(45677, 240, 0, 0, 1))
    c('unshare', 'int', ['int'], 0x40000000)
    connect(socket(2, SOCK.STREAM), inet(45678, 192, 0, 2, 1))`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  const of = (port: number) =>
    recorder.seen.flatMap((record) =>
      'remote' in record && record.process.pid === pid && record.remote?.port === port
        ? [[record.type, record.result]]
        : [],
    )
  expect(of(45_676)).toEqual([
    ['connect', undefined],
    ['close', 'ECONNREFUSED'],
  ])
  expect(of(45_678)).toEqual([['connect', 'ENETUNREACH']])
})
