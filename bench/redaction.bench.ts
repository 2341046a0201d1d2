import { type AgentId, type Event, type EventId, type ProcessUid } from '@vedette/model'
import { eventPrivacy, normaliseConfigSchema, redactor } from '@vedette/normalise'
import { report } from './figures.ts'

/**
 * What it costs to take secrets out of events before they leave: nanoseconds of one core for an event, and bytes of memory
 * for one that has none. The command line is looked at once, when a program starts; the rest with each event. `--save` keeps
 * the figures.
 */

const EVENTS = 400_000
const ROUNDS = 5

const base = {
  id: 'bench-0-1' as EventId,
  time: 1,
  device: { uid: 'bench' as AgentId, hostname: 'bench' },
  severity_id: 1 as const,
  metadata: { version: '1.8.0' as const, log_provider: 'bench', logged_time: 1 },
}
const entity = (pid: number) => ({
  uid: `${pid}` as ProcessUid,
  pid,
  name: 'python3',
  path: '/usr/bin/python3.11',
  cmd_line: '/usr/bin/python3 /srv/worker.py --queue mail --run 7',
})
const exec: Event = {
  ...base,
  kind: 'process',
  class_uid: 1007,
  activity: 'launch',
  process: {
    ...entity(1),
    environment_variables: [{ name: 'LD_PRELOAD', value: '/usr/lib/libjemalloc.so.2' }],
    parent_process: entity(2),
    ancestry: [2, 3, 4, 5, 6, 7, 8].map(entity),
  },
}
const request = (url: string, cookie: string): Event =>
  ({
    ...base,
    kind: 'protocol',
    class_uid: 4002,
    protocol_name: 'http',
    transport: 'tcp',
    activity: 'request',
    src_endpoint: { ip: '192.0.2.1', port: 40_000 },
    dst_endpoint: { ip: '192.0.2.2', port: 80 },
    http: {
      http_method: 'GET',
      url,
      user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
      request_length: 0,
      response_length: 0,
      request_headers: [
        { name: 'Accept', value: 'text/html' },
        { name: cookie, value: 'sid=0123456789' },
      ],
    },
  }) as Event

const argv = ['/usr/bin/python3', '/srv/worker.py', '--queue', 'mail', '--run', '7']
const secretArgv = ['mysql', '-uroot', '-phunter2', '--token', 'abc', 'https://me:hunter2@shop/']
const line = 'Failed password for invalid user bob from 192.0.2.1 port 40022 ssh2'
const plain = eventPrivacy(normaliseConfigSchema.parse({}).redaction, new Uint8Array(32))
const hashing = eventPrivacy(
  normaliseConfigSchema.parse({ redaction: { fields: { '*.cmd_line': 'hash' } } }).redaction,
  new Uint8Array(32),
)

/** The best of some rounds: others use this machine too. */
function nanoseconds(work: () => unknown, times = EVENTS): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.cpuUsage()
    for (let n = 0; n < times; n += 1) work()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, ((user + system) * 1000) / times)
  }
  return Math.round(best)
}

/** Bytes that stay to be collected after each call. */
function bytes(work: () => unknown): number {
  for (let n = 0; n < 10_000; n += 1) work()
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < 10_000; n += 1) work()
  return Math.max(0, Math.round((process.memoryUsage().heapUsed - before) / 10_000))
}

const quiet = request('/index.html?page=7', 'If-None-Match')
const told = request('/login?password=hunter2', 'Cookie')
const evil = 'password='.repeat(7000)

report('redaction', {
  'ns an event': {
    'start of a program, seven ancestors': nanoseconds(() => plain.of(exec)),
    'HTTP request without a secret': nanoseconds(() => plain.of(quiet)),
    'HTTP request with two secrets': nanoseconds(() => plain.of(told), EVENTS / 10),
    'start of a program, its nine command lines hashed': nanoseconds(() => hashing.of(exec), EVENTS / 40),
  },
  'ns a text': {
    'command line without a secret': nanoseconds(() => redactor.command(argv)),
    'command line with three secrets': nanoseconds(() => redactor.command(secretArgv), EVENTS / 10),
    'line of a log that speaks of passwords': nanoseconds(() => redactor.text(line)),
  },
  'bytes allocated for an event without a secret': {
    'start of a program': bytes(() => plain.of(exec)),
    'HTTP request': bytes(() => plain.of(quiet)),
  },
  'ms for 63 kB made to be slow': nanoseconds(() => redactor.text(evil), 20) / 1e6,
  'ms for 126 kB of the same': nanoseconds(() => redactor.text(evil + evil), 20) / 1e6,
})
