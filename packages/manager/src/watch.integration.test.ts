import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect as dial } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addCounters, silentLogger, systemClock, zeroCounters } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { collectSchema } from '@vedette/collect'
import {
  type AgentId,
  type Event,
  eventSchema,
  MAX_BATCH_EVENTS,
  type Process,
  processOf,
} from '@vedette/model'
import { normaliseConfigSchema } from '@vedette/normalise'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OwnProcessesOptions } from './own-processes.ts'
import { createWatch, type Watch } from './watch.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-watch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Running extends AsyncDisposable {
  readonly watch: Watch
  readonly events: Event[]
  readonly batches: number[]
  /** Waits for an event that is the work of the test itself. */
  find(matches: (event: Event) => boolean): Promise<Event>
  stop(): Promise<void>
}

async function start(
  kernel: 'auto' | 'proc-poll' | 'proc-events',
  own?: OwnProcessesOptions,
): Promise<Running> {
  const watch = await createWatch({
    agent: 'agent-1' as AgentId,
    hostname: 'h',
    run: '0123456789abcdef',
    collect: collectSchema.parse({
      kernel,
      file: { paths: [join(folder, 'auth.log')], poll_interval_ms: 50 },
    }),
    normalise: normaliseConfigSchema.parse({}),
    ...(own && { own }),
    stateFolder: folder,
    clock: systemClock,
    log: silentLogger,
  })
  const stop = new AbortController()
  const events: Event[] = []
  const batches: number[] = []
  const running = (async () => {
    for await (const batch of watch.events(stop.signal)) {
      batches.push(batch.length)
      events.push(...batch)
    }
  })()
  const end = async () => {
    stop.abort()
    await running
  }
  return {
    watch,
    events,
    batches,
    async find(matches) {
      let found: Event | undefined
      await expect.poll(() => (found = events.find(matches)), { timeout: 20_000, interval: 10 }).toBeDefined()
      if (found === undefined) throw new Error('not found')
      return found
    },
    stop: end,
    async [Symbol.asyncDispose]() {
      await end()
      await watch[Symbol.asyncDispose]()
    },
  }
}

const log = () => join(folder, 'auth.log')
const failedFrom = (address: string) =>
  `Nov 20 07:52:01 h sshd[123]: Failed password for root from ${address} port 40022 ssh2\n`

/** The collector of logs has had its first look once it keeps its positions. */
async function logIsFollowed(): Promise<void> {
  await expect.poll(() => existsSync(join(folder, 'file', 'positions.json')), { timeout: 20_000 }).toBe(true)
}

/** The whole command line of a program that the test starts, so that others' are not taken for it. */
const command = (mark: string) => ['-c', `/usr/bin/sleep 1; : ${mark}`] as const

const isLaunch = (event: Event, text: string): event is Event & { process: Process } =>
  event.kind === 'process' && event.activity === 'launch' && (event.process.cmd_line?.includes(text) ?? false)

describe.each(['auto', 'proc-poll'] as const)('a watch with the collector %s', (kernel) => {
  test('sees a program start with its parent, and end', async () => {
    await using running = await start(kernel)
    const mark = `mark-${kernel}`
    const child = spawn('/bin/sh', [...command(mark)])
    await once(child, 'exit')
    const launch = await running.find((event) => isLaunch(event, mark))
    expect(launch).toMatchObject({
      process: { pid: child.pid, parent_process: { pid: process.pid } },
      device: { uid: 'agent-1', hostname: 'h' },
    })
    expect(launch.message).toContain(` started /bin/sh -c /usr/bin/sleep 1; : ${mark}`)
    await running.find(
      (event) =>
        event.kind === 'process' && event.activity === 'terminate' && event.process.pid === child.pid,
    )
  })

  test('sees a sign-in in a log', async () => {
    await using running = await start(kernel)
    await logIsFollowed()
    appendFileSync(log(), failedFrom('192.0.2.77'))
    const event = await running.find(({ kind }) => kind === 'authentication')
    expect(event).toMatchObject({ activity: 'logon', status: 'failure', src_endpoint: { ip: '192.0.2.77' } })
  })

  test('ends after the abort with all that was seen: records in = records out, numbers without a gap', async () => {
    await using running = await start(kernel)
    for (let i = 0; i < 20; i += 1) spawnSync('/bin/true')
    // Whoever looks again and again sees none of those.
    const lasting = spawn('/bin/sh', [...command(`books-${kernel}`)])
    await running.find((event) => isLaunch(event, `books-${kernel}`))
    lasting.kill()
    await running.stop()
    const parts = running.watch.parts()
    expect(parts.map(({ state }) => state)).not.toContain('running')
    for (const { counters } of parts) expect(counters.emitted).toBe(counters.delivered + counters.lost)
    const [collector] = parts
    expect(running.watch.counters().normaliser).toMatchObject({ rejected: 0 })
    expect(collector?.counters.delivered).toBe(running.watch.counters().normaliser.records)
    for (const { kinds, counters } of parts) {
      const sum = Object.values(kinds ?? { all: counters }).reduce(addCounters, zeroCounters)
      expect(sum).toEqual(counters)
    }
    const book = running.watch.book()
    expect(book).toMatchObject({ name: 'records', waiting: 0, difference: 0 })
    expect(book.emitted).toBeGreaterThan(kernel === 'auto' ? 20 : 0)
    expect(running.watch.counters().given).toBe(running.events.length)
    expect(running.events.map(({ id }) => id)).toEqual(
      running.events.map((_, number) => `agent-1-0123456789abcdef-${number}`),
    )
    for (const event of running.events) expect(eventSchema.safeParse(event).error).toBeUndefined()
    expect(Math.max(0, ...running.batches)).toBeLessThanOrEqual(MAX_BATCH_EVENTS)
  })
})

describe('a watch with the best collector', () => {
  test('goes on behind what was kept, with what was written while nobody watched', async () => {
    const addresses = (events: readonly Event[]) =>
      events.flatMap((event) => (event.kind === 'authentication' ? (event.src_endpoint?.ip ?? []) : []))
    const numberOf = (event: Event) => Number(event.id.split('-').at(-1)) + 1
    {
      await using running = await start('auto')
      await logIsFollowed()
      appendFileSync(log(), failedFrom('192.0.2.1'))
      const first = await running.find(({ kind }) => kind === 'authentication')
      appendFileSync(log(), failedFrom('192.0.2.2'))
      await running.find((event) => event.kind === 'authentication' && event.src_endpoint?.ip === '192.0.2.2')
      // The second one was seen and not kept: the process ended too early.
      running.watch.kept(numberOf(first))
    }
    appendFileSync(log(), failedFrom('192.0.2.3'))
    await using running = await start('auto')
    await running.find((event) => event.kind === 'authentication' && event.src_endpoint?.ip === '192.0.2.3')
    expect(addresses(running.events)).toEqual(['192.0.2.2', '192.0.2.3'])
  })

  test('sees a file in a folder that is watched from now on, until it is not', async () => {
    needsRoot()
    await using running = await start('auto')
    {
      await using watched = await running.watch.watch(folder)
      expect(watched).toBeDefined()
      spawnSync('/bin/sh', ['-c', `echo x > ${folder}/seen`])
      const event = await running.find(
        (found) => found.kind === 'file' && found.file.path === `${folder}/seen`,
      )
      expect(processOf(event)?.cmd_line).toContain('echo x >')
    }
    spawnSync('/bin/sh', ['-c', `echo x > ${folder}/unseen; : after`])
    await running.find((found) => isLaunch(found, ': after'))
    await running.stop()
    expect(
      running.events.filter((found) => found.kind === 'file' && found.file.path.endsWith('/unseen')),
    ).toEqual([])
  })

  test('drops connections of our own and of our programs among their children, and counts them', async () => {
    needsRoot()
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const script = `require("node:net").connect(${port},"127.0.0.1").resume().on("close",()=>process.exit())`
    const foreign = join(folder, 'node-of-somebody')
    spawnSync('/bin/cp', [process.execPath, foreign])
    try {
      await using running = await start('auto', { pids: [process.pid], executables: [process.execPath] })
      const [ours, theirs] = [spawn(process.execPath, ['-e', script]), spawn(foreign, ['-e', script])]
      await Promise.all([once(ours, 'exit'), once(theirs, 'exit')])
      const socket = dial(port, '127.0.0.1').resume()
      await once(socket, 'close')
      // Not to be mistaken for what others on this machine connect to.
      const open = await running.find(
        (event) => event.kind === 'network' && event.activity === 'open' && event.dst_endpoint?.port === port,
      )
      expect(processOf(open)?.pid).toBe(theirs.pid)
      await running.stop()
      const pids = running.events
        .filter(({ kind }) => kind === 'network')
        .map((event) => processOf(event)?.pid)
      expect(pids).not.toContain(process.pid)
      expect(pids).not.toContain(ours.pid)
      // The child's end of its connection, opened and closed. What this process does itself, the sensor passes over.
      expect(running.watch.counters().own_dropped).toBeGreaterThanOrEqual(2)
      // What they run is not hidden.
      expect(running.events.some((event) => event.kind === 'process' && event.process.pid === ours.pid)).toBe(
        true,
      )
    } finally {
      server.close()
    }
  })

  test('tells that it sees less at once, also while who iterates its events is held up, and its books stay exact', async () => {
    const spool = { emitted: 10, delivered: 10, lost: 0 }
    const told: Event[] = []
    await using watch = await createWatch({
      agent: 'agent-1' as AgentId,
      hostname: 'h',
      run: '0123456789abcdef',
      collect: collectSchema.parse({ kernel: 'proc-poll', file: { paths: [] } }),
      normalise: normaliseConfigSchema.parse({}),
      partsBehind: () => [{ name: 'spool', state: 'running', counters: { ...spool } }],
      onSensorEvent: (event) => told.push(event),
      clock: systemClock,
      log: silentLogger,
    })
    const stop = new AbortController()
    const goOn = Promise.withResolvers<void>()
    const events: Event[] = []
    const reading = (async () => {
      for await (const batch of watch.events(stop.signal)) {
        events.push(...batch)
        await goOn.promise
      }
    })()
    spawnSync('/bin/sleep', ['0.3'])
    await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThan(0)
    const before = events.length
    spool.lost += 7
    await expect.poll(() => told, { timeout: 20_000 }).toHaveLength(1)
    expect(told[0]).toMatchObject({ kind: 'sensor', activity: 'degraded', part: 'spool', lost: 7 })
    expect(eventSchema.safeParse(told[0]).error).toBeUndefined()
    expect(events).toHaveLength(before)
    goOn.resolve()
    stop.abort()
    await reading
    const ids = [...events, ...told].map(({ id }) => Number(id.split('-').at(-1))).sort((a, b) => a - b)
    expect(ids).toEqual(ids.map((_, number) => number))
    expect(watch.book()).toMatchObject({ waiting: 0, difference: 0 })
    expect(watch.counters().given).toBe(ids.length)
  })

  test('its events are iterated once, and it may be disposed of twice', async () => {
    const running = await start('auto')
    await running.stop()
    await running[Symbol.asyncDispose]()
    await running[Symbol.asyncDispose]()
    expect(running.watch.parts().map(({ state }) => state)).not.toContain('running')
    await expect(
      running.watch.events(new AbortController().signal)[Symbol.asyncIterator]().next(),
    ).rejects.toThrow('iterated once')
  })
})
