import { spawn } from 'node:child_process'
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
