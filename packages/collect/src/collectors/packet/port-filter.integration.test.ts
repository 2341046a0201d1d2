import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { PacketRing } from '@vedette/linux'
import { expect, onTestFinished, test } from 'vitest'
import { withoutPorts } from './port-filter.ts'

needsRoot()

async function open(type: 'udp4' | 'udp6', address: string): Promise<Socket> {
  const socket = createSocket(type)
  onTestFinished(() => void socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

test.each([
  ['udp4', '127.0.0.1'],
  ['udp6', '::1'],
] as const)(
  'what comes from or goes to a port that is left out never leaves the kernel: %s',
  async (type, address) => {
    const [ignored, other, sender] = await Promise.all([
      open(type, address),
      open(type, address),
      open(type, address),
    ])
    using ring = new PacketRing({
      interface: 'lo',
      ignoreOutgoing: true,
      filter: withoutPorts([9, ignored.address().port]),
    })
    const send = (from: Socket, to: Socket, text: string) =>
      new Promise((resolve) => from.send(text, to.address().port, address, resolve))
    await send(sender, ignored, 'mark-to')
    await send(ignored, other, 'mark-from')
    await send(sender, other, 'mark-kept')
    await delay(100)
    const marks: string[] = []
    ring.take((bytes, start, end) => {
      const found = /mark-\w+/.exec(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
      if (found) marks.push(found[0])
    })
    expect(marks).toEqual(['mark-kept'])
  },
)
