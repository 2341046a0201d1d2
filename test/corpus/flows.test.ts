import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CaptureInspector } from '@vedette/formats/flows'
import type { FlowRecord } from '@vedette/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

/** Captures of suricata-verify: whatever they hold, each packet is of one conversation or told to be of none. */

let corpus: ReturnType<typeof unpackCorpus>
let captures: readonly string[]
beforeAll(() => {
  corpus = unpackCorpus('suricata-verify.txz')
  captures = globSync('**/*.{pcap,pcapng}', { cwd: corpus.path }).map((path) => join(corpus.path, path))
})
afterAll(() => corpus[Symbol.dispose]())

function read(bytes: Uint8Array, pieceBytes: number) {
  const capture = new CaptureInspector()
  const flows: FlowRecord[] = []
  const take = ({ records }: ReturnType<CaptureInspector['push']>) => {
    for (const record of records) if (record.type === 'flow') flows.push(record)
  }
  for (let at = 0; at < bytes.length; at += pieceBytes)
    take(capture.push(bytes.subarray(at, at + pieceBytes)))
  take(capture.end())
  return { flows, counters: capture.counters(), damage: capture.damage }
}

test('no packet is lost and none counted twice', () => {
  expect(captures.length).toBeGreaterThan(600)
  let packets = 0
  for (const path of captures) {
    const { flows, counters, damage } = read(readFileSync(path), 1 << 16)
    const { notRead, fragmentsGivenUp, failed, evicted } = counters
    const counted = flows.reduce((sum, { packetsOut, packetsIn }) => sum + packetsOut + packetsIn, 0)
    const aside = notRead['link-type'] + notRead['not-ip'] + notRead['cut-short'] + notRead.malformed
    // What came in fragments is counted with its datagram.
    expect(counted + aside + fragmentsGivenUp, path).toBe(counters.packets)
    expect({ failed, evicted, damage }, path).toEqual({ failed: 0, evicted: 0, damage: [] })
    packets += counters.packets
  }
  expect(packets).toBeGreaterThan(20_000)
})

test('the same is told however a capture is cut into pieces', () => {
  for (const path of captures.filter((_, place) => place % 40 === 0)) {
    const bytes = readFileSync(path)
    expect(read(bytes, 997), path).toEqual(read(bytes, bytes.length))
  }
})
