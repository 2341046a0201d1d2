import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { expect, onTestFinished, test } from 'vitest'
import { listNetworkInterfaces } from './network-interfaces.ts'
import { type FilterInstruction, PacketRing, type PacketRingOptions } from './packet-ring.ts'

needsRoot()

const ETHERNET = 14
const IP = 20
const UDP = 8

async function receiver(): Promise<{ readonly socket: Socket; readonly port: number }> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { socket, port: socket.address().port }
}

function send(socket: Socket, text: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)))
  })
}

/** Keeps IPv4 datagrams of UDP to that port, without options in their header. */
function onlyTo(port: number): readonly FilterInstruction[] {
  return [
    [0x30, 0, 0, ETHERNET + 9],
    [0x15, 0, 3, 17],
    [0x28, 0, 0, ETHERNET + IP + 2],
    [0x15, 0, 1, port],
    [0x06, 0, 0, 0x40000],
    [0x06, 0, 0, 0],
  ]
}

function open(port: number, options: Partial<PacketRingOptions> = {}): PacketRing {
  const ring = new PacketRing({ interface: 'lo', ignoreOutgoing: true, filter: onlyTo(port), ...options })
  onTestFinished(() => ring[Symbol.dispose]())
  return ring
}

/** The payloads that are there, with their lengths on the wire and their times. */
function payloads(ring: PacketRing) {
  const found: { text: string; wireLength: number; timeMs: number; vlan: number }[] = []
  ring.take((bytes, start, end, wireLength, timeMs, vlan) => {
    const text = Buffer.from(bytes.subarray(start + ETHERNET + IP + UDP, end)).toString('latin1')
    found.push({ text, wireLength, timeMs, vlan })
  })
  return found
}

test('packets that the filter keeps come in order, with their time and length, once each', async () => {
  const { socket, port } = await receiver()
  const ring = open(port)
  const before = Date.now()
  await send(socket, 'one', port)
  await send(socket, 'elsewhere', 9)
  await send(socket, 'three', port)
  expect(await ring.waitReadable(AbortSignal.timeout(5000))).toBe(true)
  await delay(60)
  const found = payloads(ring)
  expect(found.map(({ text }) => text)).toEqual(['one', 'three'])
  expect(found[0]).toMatchObject({ wireLength: ETHERNET + IP + UDP + 3, vlan: -1 })
  for (const { timeMs } of found) expect(Math.abs(timeMs - before)).toBeLessThan(5000)
  expect(ring.statistics()).toEqual({ packets: 2, drops: 0 })
  expect(ring.take(() => expect.unreachable('nothing is left'))).toBe(0)
  expect(ring.takeError()).toBe(false)
})

test('what finds no room is counted: packets = taken + drops', async () => {
  const { socket, port } = await receiver()
  const ring = open(port, { ringBytes: 1 << 17, blockBytes: 1 << 16 })
  for (let sent = 0; sent < 1000; sent += 1) await send(socket, 'x'.repeat(1000), port)
  await delay(60)
  let taken = 0
  for (let count = ring.take(() => undefined); count > 0; count = ring.take(() => undefined)) taken += count
  const { packets, drops } = ring.statistics()
  expect(packets).toBe(1000)
  expect(drops).toBeGreaterThan(500)
  expect(taken + drops).toBe(1000)
})

test('nothing to wait for ends with the signal; an interface that is not there is an error', async () => {
  const { port } = await receiver()
  expect(await open(port).waitReadable(AbortSignal.timeout(50))).toBe(false)
  expect(() => new PacketRing({ interface: 'no-such-if' })).toThrow(/no-such-if: bind answered ENODEV/)
})

test('listNetworkInterfaces() has the loopback interface', () => {
  expect(listNetworkInterfaces()).toContainEqual({
    name: 'lo',
    index: 1,
    hardwareType: 772,
    isUp: true,
    isPort: false,
  })
})
