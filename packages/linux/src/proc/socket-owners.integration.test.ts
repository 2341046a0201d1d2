import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { readSocketOwners } from './socket-owners.ts'

test('sockets are told with the process that holds them', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const client = connect(port, '127.0.0.1')
  onTestFinished(() => void client.destroy())
  await once(client, 'connect')
  const datagrams = createSocket('udp6')
  onTestFinished(() => void datagrams.close())
  datagrams.bind(0, '::1')
  await once(datagrams, 'listening')
  const mine = readSocketOwners().filter(({ pid }) => pid === process.pid)
  expect(mine).toContainEqual(
    expect.objectContaining({ protocol: 'tcp', localPort: port, remotePort: 0, state: 'listen' }),
  )
  expect(mine).toContainEqual(
    expect.objectContaining({
      protocol: 'tcp',
      localPort: client.localPort,
      remoteAddress: '127.0.0.1',
      remotePort: port,
    }),
  )
  expect(mine).toContainEqual(
    expect.objectContaining({ protocol: 'udp', localAddress: '::1', localPort: datagrams.address().port }),
  )
})
