import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import type { AgentReport, Event, EventBatch, ServerMessage } from '@vedette/model'
import { openSpool } from '@vedette/store/spool'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { Uplink } from './uplink.ts'

const RUN = '00000000000000aa'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-uplink-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function batch(sequence: number, run = RUN, events = 1): EventBatch {
  return {
    run,
    sequence,
    events: Array.from({ length: events }, (_, i) => ({ id: `${run}-${sequence}-${i}` }) as Event),
  }
}

const wire = ({ run, sequence }: EventBatch) => `${run.slice(-2)}/${sequence}`

/** The server's end of the line: keeps what came, and answers when it is told to. */
class Listener implements AsyncDisposable {
  readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  readonly batches: string[] = []
  readonly others: { type: string }[] = []
  readonly authorizations: (string | undefined)[] = []
  acknowledge: 'stored' | 'refused' | 'nothing' = 'stored'
  socket: WebSocket | undefined

  constructor() {
    this.server.on('connection', (socket, request) => {
      this.socket = socket
      this.authorizations.push(request.headers.authorization)
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { type: string; batch: EventBatch }
        if (message.type === 'hello') this.send({ type: 'welcome', agent: 'a' })
        if (message.type !== 'batch') {
          this.others.push(message)
          return
        }
        this.batches.push(wire(message.batch))
        if (this.acknowledge !== 'nothing') this.answer(message.batch)
      })
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  answer({ run, sequence }: EventBatch): void {
    if (this.acknowledge === 'refused') this.send({ type: 'refused', run, sequence, reason: 'no' })
    else this.send({ type: 'stored', run, sequence })
  }

  send(message: ServerMessage): void {
    this.socket?.send(JSON.stringify(message))
  }

  async [Symbol.asyncDispose]() {
    for (const client of this.server.clients) client.terminate()
    this.server.close()
    await once(this.server, 'close')
  }
}

async function listen(): Promise<Listener> {
  const listener = new Listener()
  await once(listener.server, 'listening')
  return listener
}

async function lineTo(url: string | undefined) {
  const stack = new AsyncDisposableStack()
  const spool = stack.use(await openSpool(folder, { log: silentLogger }))
  const asked: string[] = []
  const uplink = new Uplink({
    run: RUN,
    credential: () => ({ headers: { authorization: 'Bearer credential' } }),
    spool,
    log: silentLogger,
    clock: systemClock,
    random: () => 0,
    report: () => ({ parts: [] }) as unknown as AgentReport,
    onRespond: ({ id }) => asked.push(`respond ${id}`),
    onWatch: ({ path }) => asked.push(`watch ${path}`),
    onConnection: () => undefined,
  })
  if (url !== undefined) uplink.url = url
  const stop = new AbortController()
  const ran = uplink.run(stop.signal)
  stack.defer(async () => {
    stop.abort()
    await ran
  })
  return { uplink, spool, asked, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('batches go out in order and leave the spool when they are stored', async () => {
  await using listener = await listen()
  await using line = await lineTo(listener.url)
  for (let i = 0; i < 200; i += 1) await line.uplink.deliver(batch(i))
  await line.uplink.settled(10_000)
  expect(listener.batches).toEqual(Array.from({ length: 200 }, (_, i) => `aa/${i}`))
  expect(listener.authorizations).toEqual(['Bearer credential'])
  expect([line.spool.waiting, line.uplink.inFlight]).toEqual([0, 0])
  expect(line.uplink.counters).toEqual({ emitted: 200, delivered: 200, lost: 0 })
})

test('what nobody acknowledged is sent again on the next line, in order, and then what is new', async () => {
  await using listener = await listen()
  await using line = await lineTo(listener.url)
  listener.acknowledge = 'nothing'
  for (let i = 0; i < 5; i += 1) await line.uplink.deliver(batch(i))
  await expect.poll(() => listener.batches.length).toBe(5)
  listener.acknowledge = 'stored'
  listener.batches.length = 0
  listener.socket?.terminate()
  await line.uplink.deliver(batch(5))
  await line.uplink.settled(10_000)
  expect(listener.batches).toEqual(['aa/0', 'aa/1', 'aa/2', 'aa/3', 'aa/4', 'aa/5'])
  expect(line.spool.waiting).toBe(0)
})

test('batches of a former run go first, and a line that is known late takes all', async () => {
  {
    await using spool = await openSpool(folder, { log: silentLogger })
    await spool.append(batch(0, '00000000000000bb'))
    await spool.append(batch(1, '00000000000000bb'))
  }
  await using listener = await listen()
  await using line = await lineTo(undefined)
  await line.uplink.deliver(batch(0))
  line.uplink.url = listener.url
  await line.uplink.settled(10_000)
  await line.uplink.deliver(batch(1))
  await line.uplink.settled(10_000)
  expect(listener.batches).toEqual(['bb/0', 'bb/1', 'aa/0', 'aa/1'])
})

test('at most 64 batches are under way', async () => {
  await using listener = await listen()
  await using line = await lineTo(listener.url)
  listener.acknowledge = 'nothing'
  for (let i = 0; i < 100; i += 1) await line.uplink.deliver(batch(i))
  await expect.poll(() => listener.batches.length).toBe(64)
  expect(line.uplink.inFlight).toBe(64)
  listener.acknowledge = 'stored'
  for (let i = 0; i < 64; i += 1) listener.answer(batch(i))
  await line.uplink.settled(10_000)
  expect(listener.batches).toHaveLength(100)
})

test('a refused batch is let go and counted as lost', async () => {
  await using listener = await listen()
  await using line = await lineTo(listener.url)
  listener.acknowledge = 'refused'
  await line.uplink.deliver(batch(0, RUN, 3))
  await line.uplink.settled(10_000)
  expect(line.uplink.counters).toEqual({ emitted: 3, delivered: 0, lost: 3 })
})

test('what the server asks for is handed on; an answer waits for the line', async () => {
  await using listener = await listen()
  await using line = await lineTo(undefined)
  line.uplink.answer({ type: 'response', result: { id: 'r1' } as never })
  line.uplink.url = listener.url
  await expect.poll(() => listener.others.map(({ type }) => type)).toEqual(['hello', 'response'])
  listener.socket?.send('{"type":"dance"}')
  listener.send({ type: 'watch', path: '/etc', leaseMs: 1000, actor: 'ada' })
  listener.send({
    type: 'respond',
    request: {
      id: 'r2' as never,
      action: 'freeze',
      target: { pid: 2, startTicks: 1 },
      tree: false,
      execute: false,
      leaseMs: 1000,
      actor: 'ada',
      reason: 'test',
    },
  })
  await expect.poll(() => line.asked).toEqual(['watch /etc', 'respond r2'])
})
