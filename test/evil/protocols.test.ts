import { protocolEventSchema } from '@vedette/model'
import { expect, test } from 'vitest'
import type { Speaker } from '../../packages/formats/src/protocols/protocol-parser.ts'
import { told as toldOf } from '../../packages/formats/src/protocols/testing/converse.ts'
import { parserOf, samples } from '../../packages/formats/src/protocols/testing/samples.ts'

/**
 * Conversations in each protocol, changed at random and cut at random, with bytes that were missed: whatever is said on a
 * network, its parser ends soon, throws nothing, and tells what the model can hold.
 */
const RUNS = Number(process.env['VEDETTE_EVIL_RUNS'] ?? 100_000)
const SEED = Number(process.env['VEDETTE_EVIL_SEED'] ?? 20_261_120)
/** Processor time of this thread, so that a busy machine changes nothing. */
const MOST_MS = 100
const MOST_BYTES = 256 * 1024
const facts = protocolEventSchema.pick({
  dcerpc: true,
  dhcp: true,
  dns: true,
  ftp: true,
  http: true,
  kerberos: true,
  ldap: true,
  quic: true,
  rdp: true,
  smb: true,
  smtp: true,
  ssh: true,
  tls: true,
})

/** Numbers that look random and are the same every time (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Lengths and numbers at which counting goes wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xc0, 0xff]

function mutated(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  let changed = Buffer.from(bytes)
  for (let times = random(6); times > 0; times -= 1) {
    const at = random(changed.length + 1)
    const length = random(Math.min(120, changed.length + 1))
    switch (random(6)) {
      case 0:
        if (at < changed.length) changed[at] = EDGES[random(EDGES.length)] ?? 0
        break
      case 1:
        if (at < changed.length) changed[at] = random(256)
        break
      case 2:
        changed = Buffer.concat([changed.subarray(0, at), changed.subarray(at + length)])
        break
      case 3:
        changed = changed.subarray(0, at)
        break
      case 4: {
        const piece = changed.subarray(at, at + length)
        const repeated = Array.from({ length: 1 + random(40) }, () => piece)
        changed = Buffer.concat([changed.subarray(0, at), ...repeated, changed.subarray(at)])
        break
      }
      default: {
        const noise = Buffer.from(Array.from({ length: random(64) }, () => random(256)))
        changed = Buffer.concat([changed.subarray(0, at), noise, changed.subarray(at)])
      }
    }
    changed = changed.subarray(0, MOST_BYTES)
  }
  return changed
}

test.each(samples)(
  `$name over $ends.transport, %#: ${RUNS} changed conversations`,
  { timeout: 3_600_000 },
  (sample) => {
    const { ends, said } = sample
    const parser = parserOf(sample)
    const slow: object[] = []
    let told = 0
    /** Changes that took something away, or added something. */
    let otherwise = 0
    const usual = toldOf(parser, said, ends).length
    for (let run = 0; run < RUNS; run += 1) {
      const random = randomOf(SEED + run)
      const pieces: [Speaker, Uint8Array][] = []
      for (const [speaker, bytes] of said) {
        const changed = mutated(bytes, random)
        const cut = ends.transport === 'udp' ? changed.length : 1 + random(Math.max(1, changed.length))
        for (let at = 0; at < changed.length; at += cut)
          pieces.push([speaker, changed.subarray(at, at + cut)])
      }
      const found: unknown[] = []
      const tell = (_: string, each: unknown): void => void found.push(each)
      const missed = random(30)
      const before = process.threadCpuUsage()
      try {
        for (const [speaker, bytes] of pieces.slice(0, 4)) parser.recognise(speaker, bytes, ends)
        const session = parser.open(ends)
        for (const [at, [speaker, bytes]] of pieces.entries()) {
          if (at === missed) session.gap(speaker, bytes.length)
          else session.push(speaker, bytes, 1000, tell)
        }
        session.end(2000, tell)
      } catch (error) {
        throw new Error(`run ${run} of seed ${SEED} was not withstood`, { cause: error })
      }
      const { user, system } = process.threadCpuUsage(before)
      const ms = (user + system) / 1000
      if (ms > MOST_MS) slow.push({ run, ms })
      for (const each of found) facts.parse(each)
      if (found.length > 0) told += 1
      if (found.length !== usual) otherwise += 1
    }
    // Both ways are gone, or the mutations are none.
    expect(told).toBeGreaterThan(RUNS / 100)
    expect(otherwise).toBeGreaterThan(RUNS / 1000)
    expect(slow).toEqual([])
  },
)
