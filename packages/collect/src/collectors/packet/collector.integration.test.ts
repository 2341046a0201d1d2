import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { PacketRecord } from '@vedette/model'
import { expect, test } from 'vitest'
import { packet } from './index.ts'

needsRoot()

test('what is said over the loopback interface is seen, with its conversation', async () => {
  const config = packet.schema.parse({ enabled: true, interfaces: ['lo'] })
  expect(await packet.probe(config)).toEqual({ usable: true, blindSpots: [] })
  await using collector = await packet.open(config, { log: silentLogger, clock: systemClock })
  const stop = new AbortController()
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const request = get({ host: '127.0.0.1', port, path: '/seen', agent: false, headers: { host: 'a.test' } })
  request.on('response', (response) => response.resume().on('end', () => server.close()))
  const records: PacketRecord[] = []
  for await (const batch of collector.records(stop.signal)) {
    records.push(...(batch as PacketRecord[]).filter(({ to }) => to.port === port))
    if (records.some(({ type }) => type === 'flow')) stop.abort()
  }
  expect(records).toContainEqual(
    expect.objectContaining({
      type: 'protocol',
      name: 'http',
      facts: { http: expect.objectContaining({ http_method: 'GET', url: '/seen', code: 200 }) },
    }),
  )
  expect(records.find(({ type }) => type === 'flow')).toMatchObject({
    protocol: 'tcp',
    from: { ip: '127.0.0.1' },
    to: { ip: '127.0.0.1', port },
    flow: { state: 'closed', app: 'http' },
  })
  const { emitted, delivered, lost } = collector.counters()
  expect(emitted).toBe(delivered + lost)
})

test('switched off, or with an interface that is not there, it says so', async () => {
  const off = await packet.probe(packet.schema.parse({ enabled: false }))
  expect(off).toMatchObject({ usable: false, reason: { code: 'packets-off' } })
  const missing = await packet.probe(packet.schema.parse({ enabled: true, interfaces: ['lo', 'eth999'] }))
  expect(missing).toMatchObject({ usable: true, blindSpots: [{ code: 'interface-missing' }] })
})
