/**
 * Promises: at least 250 000 packets a second are captured with at most 5 % of a processor and none is lost unreported; at
 * least 100 000 packets a second are read into conversations, and what is said in them, on one core.
 *
 * Frames are sent on a veth pair within namespaces of the benchmark's own. The rate of reading is taken over a capture of
 * short HTTP conversations, eight packets each, with a request and a response: the dear kind. Processor time is what
 * counts, so that a busy machine changes little.
 *
 *   npm run bench -- packets [--rate 300000] [--seconds 5] [--save]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CaptureInspector } from '@vedette/formats/flows'
import { connection, pcap } from '../packages/formats/src/flows/testing/frames.ts'
import { ensureDebianPackage } from '../test/debian-package.ts'
import { quantile, report } from './figures.ts'

const { values: flags } = parseArgs({
  options: {
    rate: { type: 'string', default: '300000' },
    seconds: { type: 'string', default: '5' },
    save: { type: 'boolean' },
  },
})
const ROUNDS = 3
const CONVERSATIONS = 20_000

interface Captured {
  readonly sent: number
  readonly seen: number
  readonly captured: number
  readonly drops: number
  readonly cpuS: number
  readonly wallS: number
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-packets-'))
try {
  const load = join(folder, 'packet-load')
  ensureDebianPackage('gcc', 'gcc')
  execFileSync('gcc', ['-O2', '-o', load, fileURLToPath(new URL('packet-load.c', import.meta.url))])
  const taken = rounds(() => capture(load, 'take'))
  const inspected = rounds(() => capture(load, 'inspect'))
  const file = sample()
  const read = rounds(() => readRate(file))
  const perCoreSecond = quantile(
    read.map(({ packetsPerCoreSecond }) => packetsPerCoreSecond),
    0.5,
  )
  // A busy machine may not send as fast as it is asked to: the promise is about what a packet costs.
  const corePercent = quantile(
    taken.map(({ microsecondsPerPacket }) => (microsecondsPerPacket * 250_000) / 10_000),
    0.5,
  )
  report('packets', {
    captured: taken,
    capturedAndInspected: inspected,
    capturedCorePercentAt250kMedian: corePercent,
    read,
    readPacketsPerCoreSecondMedian: perCoreSecond,
  })
  const unreported = [...taken, ...inspected].some((one) => one.unreported !== 0)
  if (unreported || corePercent > 5 || perCoreSecond < 100_000) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function rounds<T>(measure: () => T): T[] {
  return Array.from({ length: ROUNDS }, measure)
}

function capture(load: string, what: 'take' | 'inspect') {
  const script = fileURLToPath(new URL('load/capture.ts', import.meta.url))
  const output = execFileSync(
    'unshare',
    ['--net', '--mount', process.execPath, script, load, flags.rate, flags.seconds, what],
    { encoding: 'utf8' },
  )
  const { sent, seen, captured, drops, cpuS, wallS } = JSON.parse(output) as Captured
  const seconds = Number(flags.seconds)
  return {
    packetsPerSecond: Math.round(captured / seconds),
    corePercent: Math.round((cpuS / wallS) * 1000) / 10,
    microsecondsPerPacket: Math.round((cpuS * 1e8) / captured) / 100,
    sent,
    drops,
    // What the system itself sends on the interfaces is seen as well.
    unreported: seen - captured - drops + Math.max(0, sent - seen),
  }
}

function sample(): { readonly bytes: Buffer; readonly packets: number } {
  const packets = Array.from({ length: CONVERSATIONS }, (_, number) =>
    connection(
      {
        from: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
        to: '192.0.2.1',
        fromPort: 1024 + number,
        toPort: 80,
      },
      {
        client: `GET /${number} HTTP/1.1\r\nHost: example.org\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`,
        server: `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`,
      },
      1_700_000_000_000 + number,
      0.5,
    ),
  )
    .flat()
    .sort((a, b) => a.timeMs - b.timeMs)
  return { bytes: pcap(packets), packets: packets.length }
}

function readRate({ bytes, packets }: ReturnType<typeof sample>) {
  const before = process.cpuUsage()
  const startedMs = performance.now()
  const inspector = new CaptureInspector()
  let records = 0
  const pieceBytes = 1 << 20
  for (let at = 0; at < bytes.length; at += pieceBytes)
    records += inspector.push(bytes.subarray(at, at + pieceBytes)).records.length
  records += inspector.end().records.length
  const { user, system } = process.cpuUsage(before)
  return {
    packetsPerCoreSecond: Math.round(packets / ((user + system) / 1e6)),
    packetsPerSecond: Math.round((packets * 1000) / (performance.now() - startedMs)),
    records,
  }
}
