import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import type { AgentMessage, AgentReport, EventBatch, ServerMessage } from '@vedette/model'
import { decodeBatchFrame } from '@vedette/model/batch-frame'
import { recordedV1 } from '@vedette/model/testing/recorded-v1'
import { recordedV2 } from '@vedette/model/testing/recorded-v2'
import { openSpool } from '@vedette/store/spool'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { Uplink } from './uplink.ts'

const frames = recordedV1()
const said = frames.flatMap((frame) => (frame.from === 'agent' ? [frame.message] : []))
const answered = frames.flatMap((frame) => (frame.from === 'server' ? [frame.message] : []))
const hello = said[0] as Extract<AgentMessage, { type: 'hello' }>
const batches = said.flatMap((message) => (message.type === 'batch' ? [message.batch] : []))

/** A server that says what the recorded one said, but for its welcome. It closes on what it does not know, as that did. */
async function recordedServer(welcome: ServerMessage, takesBinary: boolean) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const heard: object[] = []
  const binary: EventBatch[] = []
  server.on('connection', (socket) => {
    const say = (message: ServerMessage | undefined) => socket.send(JSON.stringify(message))
    const answer = ({ run, sequence }: EventBatch) =>
      say(
        answered.find(
          (message) =>
            (message.type === 'stored' || message.type === 'refused') &&
            message.sequence === sequence &&
            message.run === run,
        ),
      )
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        if (!takesBinary) return socket.close(1007, 'not JSON')
        const frame = decodeBatchFrame(data)
        if (!frame.ok) return socket.close(1007, frame.reason)
        binary.push(frame.batch)
        answer(frame.batch)
        return
      }
      const message = JSON.parse(data.toString()) as AgentMessage
      heard.push(message)
      if (message.type === 'hello') say(welcome)
      if (message.type === 'batch') answer(message.batch)
      if (message.type === 'report')
        for (const order of answered) if (order.type === 'watch' || order.type === 'respond') say(order)
    })
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    binary,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Does what the recorded agent did. @param patienceMs how long it waits until it is welcome */
async function doAsRecorded(url: string, patienceMs = 20_000) {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-recorded-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const spool = stack.use(await openSpool(folder, { log: silentLogger }))
  const asked: string[] = []
  const uplink = new Uplink({
    run: hello.run,
    credential: () => ({ headers: { authorization: 'Bearer credential' } }),
    spool,
    log: silentLogger,
    clock: systemClock,
    random: () => 0.5,
    report: () => hello.report,
    onRespond: ({ id }) => asked.push(id),
    onWatch: ({ path }) => asked.push(path),
    onConnection: () => undefined,
  })
  const stop = new AbortController()
  const ran = uplink.run(stop.signal)
  stack.defer(async () => {
    stop.abort()
    await ran
  })
  uplink.url = url
  await expect.poll(() => uplink.connected, { timeout: patienceMs }).toBe(true)
  for (const batch of batches) await uplink.deliver(batch)
  await uplink.settled(10_000)
  const report: AgentReport = { ...hello.report, spooled: 7 }
  uplink.report(report)
  await expect.poll(() => asked).toEqual(['/etc', 'r-1'])
  const response = said.find((message) => message.type === 'response')
  if (response !== undefined) uplink.answer(response)
  return { counters: uplink.counters, waiting: spool.waiting }
}

test('a server of version 1 hears what it heard from an agent of its time', async () => {
  const welcome = answered.find(({ type }) => type === 'welcome') as ServerMessage
  await using server = await recordedServer(welcome, false)
  const { counters, waiting } = await doAsRecorded(server.url)
  await expect.poll(() => server.heard.length).toBe(said.length)
  // That server passes over a key that it does not know.
  expect(server.heard[0]).toEqual({ ...hello, offers: [1, 2, 3] })
  expect(server.heard.slice(1)).toEqual(said.slice(1))
  expect({ counters, waiting }).toEqual({ counters: { emitted: 4, delivered: 3, lost: 1 }, waiting: 0 })
})

test('one of version 2 gets the same batches as binary frames', async () => {
  const welcome = {
    type: 'welcome',
    agent: 'agent-a',
    protocol: 2,
    window: { batches: 1, bytes: 1 },
  } as const
  await using server = await recordedServer(welcome, true)
  const { counters } = await doAsRecorded(server.url)
  expect(server.binary).toEqual(batches)
  expect(server.heard.filter((message) => 'batch' in message)).toEqual([])
  expect(counters).toEqual({ emitted: 4, delivered: 3, lost: 1 })
})

test('a server of version 2 hears what it heard from an agent of its time', async () => {
  const recorded = recordedV2()
  const welcome = recorded.find((frame) => frame.from === 'server' && frame.message.type === 'welcome')
  if (welcome === undefined || !('message' in welcome)) throw new Error('no welcome was recorded')
  await using server = await recordedServer(welcome.message as ServerMessage, true)
  const { counters, waiting } = await doAsRecorded(server.url)
  const heard = recorded.flatMap((frame) =>
    frame.from === 'agent' && 'message' in frame ? [frame.message] : [],
  )
  await expect.poll(() => server.heard.length).toBe(heard.length)
  expect(server.heard[0]).toEqual({ ...heard[0], offers: [1, 2, 3] })
  expect(server.heard.slice(1)).toEqual(heard.slice(1))
  expect(server.binary).toEqual(batches)
  expect({ counters, waiting }).toEqual({ counters: { emitted: 4, delivered: 3, lost: 1 }, waiting: 0 })
})

test('a version that was not offered ends the line before anything is sent', async () => {
  await using server = await recordedServer({ type: 'welcome', agent: 'agent-a', protocol: 4 }, true)
  const hellos = () => server.heard.length
  const trying = doAsRecorded(server.url, 2000).catch((error: unknown) => error)
  await expect.poll(hellos).toBeGreaterThan(1)
  expect(server.binary).toEqual([])
  expect(await trying).toBeInstanceOf(Error)
})
