import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { KernelRecord, RawRecord } from '@vedette/model'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Collector, CollectorKind } from '../collector.ts'
import { fileCollectors, kernelCollectors } from '../choose.ts'
import { kindOf } from './kind-of.ts'
import { procEvents } from '../collectors/proc-events/index.ts'
import { procPoll } from '../collectors/proc-poll/index.ts'

/** Runs a collector while `act` acts, until `enough` holds of what came; then ends it and gives all that came. */
async function watch(
  kind: CollectorKind,
  act: (collector: Collector, records: readonly RawRecord[]) => Promise<void>,
  enough: (records: readonly RawRecord[]) => boolean,
) {
  // What this very process does is what the tests look at.
  const config = kind.schema.parse(['ebpf', 'fanotify'].includes(kind.name) ? { ignore_self: false } : {})
  await using collector = await kind.open(config, { log: silentLogger, clock: systemClock })
  const records: RawRecord[] = []
  const stop = new AbortController()
  const giveUp = setTimeout(() => stop.abort(), 30_000)
  const first = Promise.withResolvers<void>()
  const reading = (async () => {
    for await (const batch of collector.records(stop.signal)) {
      records.push(...batch)
      first.resolve()
    }
  })()
  // The stock comes first; only then is something new. eBPF has none, and on a quiet host nothing else comes by itself.
  await Promise.race([first.promise, reading, delay(1000)])
  await act(collector, records)
  while (!stop.signal.aborted && !enough(records)) await delay(20)
  stop.abort()
  clearTimeout(giveUp)
  await reading
  // Nothing is told that the guide's table of sensors does not have.
  const sees = [...(kind.sees?.each ?? []), ...(kind.sees?.byLooking ?? [])]
  expect(sees).toEqual(expect.arrayContaining([...new Set(records.map(kindOf))]))
  return { records, counters: collector.counters() }
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-collect-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Records of one type about a process. */
function about(records: readonly RawRecord[], type: KernelRecord['type'], pid: number | undefined) {
  return records.filter(
    (record): record is KernelRecord =>
      'process' in record && 'type' in record && record.type === type && record.process.pid === pid,
  )
}

const connectedTo = (records: readonly RawRecord[], port: number | undefined) =>
  about(records, 'connect', process.pid).filter((r) => 'remote' in r && r.remote?.port === port)

/** Waits until something holds, at most 15 seconds; what comes after shows whether it does. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 750 && !holds(); tries += 1) await delay(20)
}

const byName = (kinds: readonly CollectorKind[]) => kinds.map((kind) => [kind.name, kind] as const)

describe.each(byName([...kernelCollectors, ...fileCollectors]))('%s', (name, kind) => {
  beforeEach(() => {
    if (name !== 'proc-poll') needsRoot()
  })

  test('can be used here', async () => {
    expect(await kind.probe(kind.schema.parse({}))).toMatchObject({
      usable: true,
    })
  })

  test('changes in a watched folder, from the moment on in which watch() has resolved', async () => {
    const file = join(folder, 'job')
    writeFileSync(join(folder, 'before'), '')
    const of = (records: readonly RawRecord[]) =>
      records.filter((record) => 'type' in record && record.type === 'file' && record.path.startsWith(folder))
    const has = (records: readonly RawRecord[], operation: string) =>
      of(records).some((record) => 'operation' in record && record.operation === operation)
    const { records, counters } = await watch(
      kind,
      async (collector, seen) => {
        await using watched = await collector.watch?.(folder)
        expect(watched).toBeDefined()
        for (const [operation, act] of [
          ['create', () => writeFileSync(file, 'x')],
          ['write', () => appendFileSync(file, 'more')],
          ['rename', () => renameSync(file, `${file}2`)],
          ['delete', () => rmSync(`${file}2`)],
        ] as const) {
          act()
          await eventually(() => has(seen, operation))
        }
      },
      (records) => has(records, 'delete'),
    )
    for (const operation of ['create', 'write', 'rename', 'delete'])
      expect(has(records, operation)).toBe(true)
    expect(of(records).every((r) => 'path' in r && r.path !== join(folder, 'before'))).toBe(true)
    // Who did it only those know that were told, not those that look.
    const actor = kind.sees?.each.includes('file') === true ? process.pid : 0
    expect(new Set(of(records).map((record) => 'process' in record && record.process.pid))).toEqual(
      new Set([actor]),
    )
    expect(counters).toMatchObject({ emitted: counters.delivered + counters.lost, delivered: records.length })
  })
})

describe.each(byName(kernelCollectors))('%s', (name, kind) => {
  beforeEach(() => {
    if (name !== 'proc-poll') needsRoot()
  })

  test('a process of half a second: its start with arguments and parent, its end', async () => {
    let pid: number | undefined
    const { records, counters } = await watch(
      kind,
      async () => {
        const child = spawn('/bin/sleep', ['0.5'], { stdio: 'ignore', cwd: folder })
        pid = child.pid
        await once(child, 'exit')
      },
      (records) => about(records, 'exit', pid).length > 0,
    )
    const [exec, ...others] = about(records, 'exec', pid)
    expect(others).toEqual([])
    expect(exec).toMatchObject({
      source: name,
      parent: { pid: process.pid },
      executable: '/usr/bin/sleep',
      argv: ['/bin/sleep', '0.5'],
      argvTruncated: false,
      uid: process.getuid?.(),
      gid: process.getgid?.(),
      taskName: 'sleep',
      workingDirectory: folder,
    })
    const startTicks = exec?.process.startTicks
    expect(about(records, 'fork', pid)).toMatchObject([
      { process: { startTicks }, parent: { pid: process.pid } },
    ])
    expect(about(records, 'exit', pid)).toMatchObject([{ process: { startTicks } }])
    expect(Math.abs((exec?.timeMs ?? 0) - Date.now())).toBeLessThan(10_000)
    expect(counters.emitted).toBe(counters.delivered + counters.lost)
    expect(counters.delivered).toBe(records.length)
  })

  test('a program that becomes another is told once more', async () => {
    let pid: number | undefined
    const { records } = await watch(
      kind,
      async () => {
        const child = spawn('/bin/sh', ['-c', 'sleep 0.6; exec /bin/sleep 0.6'], { stdio: 'ignore' })
        pid = child.pid
        await once(child, 'exit')
      },
      (records) => about(records, 'exit', pid).length > 0,
    )
    expect(about(records, 'exec', pid).map((record) => 'argv' in record && record.argv[0])).toEqual([
      '/bin/sh',
      '/bin/sleep',
    ])
  })

  test('a shell whose input and output are a connection', async () => {
    const accepted: Socket[] = []
    const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    let pid: number | undefined
    const { records } = await watch(
      kind,
      async () => {
        const socket = connect(port, '127.0.0.1')
        await once(socket, 'connect')
        const child = spawn('/bin/sh', ['-c', 'sleep 0.7'], { stdio: [socket, socket, 'ignore'] })
        pid = child.pid
        await once(child, 'exit')
        socket.destroy()
      },
      (records) => about(records, 'exit', pid).length > 0,
    )
    for (const socket of accepted) socket.destroy()
    server.close()
    const stream = { type: 'socket', peer: { address: '127.0.0.1', port } }
    expect(about(records, 'exec', pid)).toMatchObject([{ streams: [stream, stream, { type: 'device' }] }])
  })

  test('a listening socket and a connection, with the processes that hold them', async () => {
    const script = `
      const net = require('node:net')
      const server = net.createServer((socket) => socket.resume()).listen(0, '127.0.0.1', () => {
        process.stdout.write(String(server.address().port) + '\\n')
      })
      process.stdin.resume().on('end', () => process.exit())`
    let server: { pid: number | undefined; port: number } | undefined
    const { records } = await watch(
      kind,
      async (_collector, records) => {
        const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
        const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
        server = { pid: child.pid, port: Number(chunk.toString()) }
        const { pid } = child
        await eventually(() => about(records, 'listen', pid).length > 0)
        const socket = connect(server.port, '127.0.0.1')
        await once(socket, 'connect')
        await eventually(() => connectedTo(records, server?.port).length > 0)
        socket.destroy()
        child.stdin.end()
        await once(child, 'exit')
      },
      (records) =>
        connectedTo(records, server?.port).length > 0 && about(records, 'listen', server?.pid).length > 0,
    )
    const port = server?.port
    expect(about(records, 'listen', server?.pid)).toMatchObject([
      { protocol: 'tcp', local: { address: '127.0.0.1', port } },
    ])
    const connected = connectedTo(records, port)
    expect(connected).toMatchObject([{ protocol: 'tcp', remote: { address: '127.0.0.1', port } }])
  })
})

// With eBPF whoever needs to know what ran before reads /proc.
describe.each([procEvents, procPoll].map((kind) => [kind.name, kind as CollectorKind] as const))(
  '%s',
  (name, kind) => {
    beforeEach(() => {
      if (name !== 'proc-poll') needsRoot()
    })

    test('what ran before is told as such, parents before children', async () => {
      const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' })
      const { records } = await watch(
        kind,
        async () => {},
        (records) => about(records, 'exec', child.pid).length > 0,
      )
      child.kill('SIGKILL')
      await once(child, 'exit')
      const found = about(records, 'exec', child.pid)
      expect(found).toMatchObject([
        { snapshot: true, argv: ['/bin/sleep', '60'], parent: { pid: process.pid } },
      ])
      const own = about(records, 'exec', process.pid)
      expect(own).toMatchObject([{ snapshot: true }])
      expect(records.indexOf(own[0] as RawRecord)).toBeLessThan(records.indexOf(found[0] as RawRecord))
    })
  },
)
