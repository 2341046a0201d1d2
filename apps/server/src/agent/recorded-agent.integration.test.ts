import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { silentLogger, systemClock } from '@vedette/base'
import { type AgentId, DEFAULT_TENANT, type ServerMessage } from '@vedette/model'
import { batchFrame, packBatch } from '@vedette/model/batch-frame'
import { recordedV1 } from '@vedette/model/testing/recorded-v1'
import { recordedV2 } from '@vedette/model/testing/recorded-v2'
import { afterAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { AgentConnection } from './connection.ts'
import { Fleet } from './fleet.ts'

const frames = recordedV1()
const said = frames.flatMap((frame) => (frame.from === 'agent' ? [frame.message] : []))
const answered = frames.flatMap((frame) => (frame.from === 'server' ? [frame.message] : []))
const open = new AsyncDisposableStack()
afterAll(() => open.disposeAsync())

/** This server's end of a line, and a socket at the other. */
async function line() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const stored: string[] = []
  const connected = new Promise<AgentConnection>((resolve) => {
    server.on('connection', (socket) =>
      resolve(
        new AgentConnection(socket, {
          tenant: DEFAULT_TENANT,
          agent: 'agent-a' as AgentId,
          fleet: new Fleet(systemClock),
          intake: {
            receive: ({ batch }) => {
              stored.push(`${batch.sequence}: ${batch.events.length}`)
              return Promise.resolve()
            },
            counters: () => ({ emitted: 0, delivered: 0, lost: 0 }),
            alertLatency: () => undefined,
          },
          log: silentLogger,
          mayJoin: () => true,
          onReport: () => Promise.resolve(),
          onStored: () => undefined,
          onRefused: () => undefined,
          onLateResponse: () => Promise.resolve(),
          onReplaced: () => Promise.resolve(),
        }),
      ),
    )
  })
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const heard: ServerMessage[] = []
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as ServerMessage))
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  await once(socket, 'open')
  open.defer(() => {
    socket.terminate()
    server.close()
  })
  return { socket, heard, stored, closed, connection: await connected }
}

const sorted = (messages: readonly object[]) => messages.map((message) => JSON.stringify(message)).sort()

test('an agent of version 1 is understood, and hears what it heard from a server of its time', async () => {
  const { socket, heard, stored, connection } = await line()
  for (const message of said) {
    socket.send(JSON.stringify(message))
    if (message.type === 'hello') await expect.poll(() => heard.length).toBe(1)
  }
  for (const message of answered) {
    if (message.type === 'watch' || message.type === 'respond') connection.send(message)
  }
  await expect.poll(() => heard.length).toBe(answered.length)
  expect(sorted(heard)).toEqual(sorted(answered))
  expect(stored).toEqual(['0: 2', '1: 1'])
})

test('an agent of version 2 is understood, and hears what it heard from a server of its time', async () => {
  const { socket, heard, stored, connection } = await line()
  const recorded = recordedV2()
  const toAgent = recorded.flatMap((frame) => (frame.from === 'server' ? [frame.message] : []))
  for (const frame of recorded) {
    if (frame.from === 'server') continue
    socket.send('binary' in frame ? frame.binary : JSON.stringify(frame.message))
    if ('message' in frame && frame.message.type === 'hello') await expect.poll(() => heard.length).toBe(1)
  }
  for (const message of toAgent) {
    if (message.type === 'watch' || message.type === 'respond') connection.send(message)
  }
  await expect.poll(() => heard.length).toBe(toAgent.length)
  expect(sorted(heard)).toEqual(sorted(toAgent))
  expect(stored).toEqual(['0: 2', '1: 1'])
})

test('one that offers more is answered with the best that both speak, and sends binary frames', async () => {
  const { socket, heard, stored } = await line()
  socket.send(JSON.stringify({ ...said[0], offers: [1, 2, 4] }))
  await expect.poll(() => heard[0]).toMatchObject({ type: 'welcome', protocol: 2, window: { batches: 64 } })
  for (const message of said) if (message.type === 'batch') socket.send(batchFrame(packBatch(message.batch)))
  await expect.poll(() => heard.length).toBe(4)
  expect(stored).toEqual(['0: 2', '1: 1'])
  expect(heard.filter(({ type }) => type === 'refused')).toMatchObject([{ sequence: 2 }])
})

test('a binary frame that cannot be read ends the line, and one that can be named is refused', async () => {
  const { socket, heard, closed } = await line()
  socket.send(JSON.stringify({ ...said[0], offers: [2] }))
  await expect.poll(() => heard.length).toBe(1)
  const [batch] = said.flatMap((message) => (message.type === 'batch' ? [message.batch] : []))
  if (batch === undefined) throw new Error('no batch was recorded')
  const bytes = batchFrame(packBatch(batch))
  socket.send(bytes.subarray(0, -1))
  await expect.poll(() => heard[1]).toMatchObject({ type: 'refused', sequence: 0 })
  socket.send(Buffer.from('hello'))
  expect(await closed).toBe(1007)
})

test('a binary frame from one that did not agree on it ends the line', async () => {
  const { socket, heard, closed } = await line()
  socket.send(JSON.stringify(said[0]))
  await expect.poll(() => heard.length).toBe(1)
  const [batch] = said.flatMap((message) => (message.type === 'batch' ? [message.batch] : []))
  if (batch === undefined) throw new Error('no batch was recorded')
  socket.send(batchFrame(packBatch(batch)))
  expect(await closed).toBe(1007)
})
