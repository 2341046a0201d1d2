import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { collectSchema } from '@vedette/collect'
import { type AgentId, type Event, eventSchema, type NetworkEvent, type ProtocolEvent } from '@vedette/model'
import { normaliseConfigSchema } from '@vedette/normalise'
import { expect, test } from 'vitest'
import { createWatch } from './watch.ts'

needsRoot()

/** Asks for a page and ends a little later, so that who looks for sockets now and then finds it. */
const CLIENT = `
  require('node:http').get(process.argv[1], (response) => {
    response.resume().on('end', () => setTimeout(() => process.exit(), 1500))
  })`

test.each(['auto', 'proc-poll'] as const)(
  'what packets show is told with the process that took part, with the collector %s',
  async (kernel) => {
    await using watch = await createWatch({
      agent: 'agent-1' as AgentId,
      hostname: 'h',
      run: '0123456789abcdef',
      collect: collectSchema.parse({ kernel, packet: { enabled: true, interfaces: ['lo'] } }),
      normalise: normaliseConfigSchema.parse({}),
      clock: systemClock,
      log: silentLogger,
    })
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const isOurs = (event: Event): event is NetworkEvent | ProtocolEvent =>
      (event.kind === 'protocol' || (event.kind === 'network' && event.activity === 'traffic')) &&
      event.dst_endpoint.port === port
    const events: (NetworkEvent | ProtocolEvent)[] = []
    const stop = new AbortController()
    const running = (async () => {
      for await (const batch of watch.events(stop.signal)) events.push(...batch.filter(isOurs))
    })()
    const child = spawn(process.execPath, ['-e', CLIENT, `http://127.0.0.1:${port}/mark`], {
      stdio: 'inherit',
    })
    await once(child, 'exit')
    server.close()
    await expect.poll(() => events.some(({ kind }) => kind === 'network'), { timeout: 20_000 }).toBe(true)
    const part = watch.parts().find(({ name }) => name === 'packet')
    stop.abort()
    await running
    expect(part).toMatchObject({ state: 'running', counters: { lost: 0 } })
    for (const event of events) eventSchema.parse(event)
    const said = events.find((event) => event.kind === 'protocol')
    const flow = events.find((event) => event.kind === 'network')
    expect(said).toMatchObject({ protocol_name: 'http', http: { url: '/mark', code: 200 } })
    expect(flow).toMatchObject({
      direction: 'outbound',
      process: { pid: child.pid, parent_process: { pid: process.pid } },
      flow: { app: 'http', state: 'closed', uid: said?.kind === 'protocol' ? said.flow_uid : undefined },
    })
    if (kernel === 'auto') expect(said?.process?.pid).toBe(child.pid)
  },
)

/** Asks for names, one after another; nobody answers, so it gives up after each. */
const ASKER = `
  const { Resolver } = require('node:dns/promises')
  const resolver = new Resolver({ timeout: 100, tries: 1 })
  resolver.setServers([process.argv[1]])
  const ask = async () => {
    for (let n = 0; n < 20; n += 1) await resolver.resolve4('name-' + n + '.example').catch(() => undefined)
  }
  void ask()`

test('a question to the DNS is one Event, with who asked, while the kernel and packets both show it', async () => {
  const server = createSocket('udp4')
  server.bind(53, '127.0.0.77')
  await once(server, 'listening')
  let received = 0
  server.on('message', () => (received += 1))
  const asked = new Map<string, ProtocolEvent[]>()
  let packets = 0
  await using watch = await createWatch({
    agent: 'agent-1' as AgentId,
    hostname: 'h',
    run: '0123456789abcdef',
    collect: collectSchema.parse({ packet: { enabled: true, interfaces: ['lo'] } }),
    normalise: normaliseConfigSchema.parse({}),
    clock: systemClock,
    log: silentLogger,
  })
  const stop = new AbortController()
  const running = (async () => {
    for await (const batch of watch.events(stop.signal)) {
      for (const event of batch) {
        if (
          event.kind === 'network' &&
          event.activity === 'traffic' &&
          event.dst_endpoint.ip === '127.0.0.77'
        )
          packets += 1
        if (event.kind !== 'protocol' || event.dst_endpoint.ip !== '127.0.0.77') continue
        const name = event.dns?.hostname ?? ''
        asked.set(name, [...(asked.get(name) ?? []), event])
      }
    }
  })()
  const child = spawn(process.execPath, ['-e', ASKER, '127.0.0.77'], { stdio: 'inherit' })
  await once(child, 'exit')
  server.close()
  await expect.poll(() => asked.size, { timeout: 20_000 }).toBe(20)
  stop.abort()
  await running
  // The end of the watch ends all conversations: the packets were seen.
  expect(packets).toBeGreaterThan(0)
  expect(received).toBe(20)
  expect([...asked.values()].map((events) => events.length)).toEqual(Array.from({ length: 20 }, () => 1))
  for (const [event] of asked.values()) expect(event?.process?.pid).toBe(child.pid)
})
