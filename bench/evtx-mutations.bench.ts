import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { recordFormats } from '@vedette/formats'
import { unpackCorpus } from '../test/corpus/unpack.ts'
import { report } from './figures.ts'

/**
 * What damaged EVTX files do to their reader: `--files N` (20,000) files of the corpus, damaged in 1 to 20 places from
 * `--seed N` (1) on. Prints how many threw, how many took more than 100 ms of processor time, the slowest, and how many of
 * their records were read. A file is its seed's: `--seed N --files 1` reads the Nth alone.
 */

const { values: flags } = parseArgs({
  options: {
    files: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
})
const FILES = Number(flags.files)
const FIRST_SEED = Number(flags.seed)
const SLOW_MS = 100

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** Sizes, counts and offsets that parsers get wrong. */
const NUMBERS = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 512, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0xffffffff,
]
/** The tokens of binary XML, the types of values, and the marks of records. */
const BYTES = [0, 1, 2, 3, 4, 5, 6, 0x0c, 0x0d, 0x0e, 0x0f, 0x21, 0x41, 0x46, 0x81, 0x2a, 0xff]

/** Damages a copy of a file, mostly where records are. */
function damage(original: Buffer, below: (limit: number) => number): Buffer {
  let bytes = Buffer.from(original)
  const chunks = Math.max(1, Math.floor((bytes.length - 4096) / 65_536))
  /** Damage that spares chunk and record headers reaches deeper. */
  const place = () => {
    if (below(10) === 0) return below(bytes.length)
    const chunk = 4096 + below(chunks) * 65_536
    const free =
      chunk + 52 <= bytes.length ? Math.min(65_536, Math.max(600, bytes.readUInt32LE(chunk + 48))) : 600
    return Math.min(bytes.length - 1, chunk + (below(8) === 0 ? below(512) : 512 + below(free - 512)))
  }
  for (let times = 1 + below(20); times > 0 && bytes.length > 16; times -= 1) {
    const at = Math.min(place(), bytes.length - 8)
    switch (below(9)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
        break
      case 1:
        bytes[at] = below(256)
        break
      case 2:
      case 3:
        bytes[at] = BYTES[below(BYTES.length)] ?? 0
        break
      case 4:
        bytes.writeUInt16LE((NUMBERS[below(NUMBERS.length)] ?? 0) & 0xffff, at)
        break
      case 5:
        bytes.writeUInt32LE(NUMBERS[below(NUMBERS.length)] ?? 0, at)
        break
      case 6:
        bytes.copy(bytes, at, place(), Math.min(bytes.length, place() + 1 + below(2000)))
        break
      case 7:
        bytes.fill(below(2) === 0 ? 0 : below(256), at, Math.min(bytes.length, at + 1 + below(500)))
        break
      default:
        if (below(4) === 0) bytes = bytes.subarray(0, at)
        else if (below(2) === 0)
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(5000))])
        else
          bytes = Buffer.concat([
            bytes.subarray(0, at),
            bytes.subarray(below(at + 1), at),
            bytes.subarray(at),
          ])
    }
  }
  return bytes
}

using corpus = unpackCorpus('evtx-attack-samples.txz')
const originals = globSync('**/*.evtx', { cwd: corpus.path })
  .sort()
  .map((file) => readFileSync(join(corpus.path, file)))
const evtx = recordFormats.find(({ name }) => name === 'evtx')

// The compiler's own time is not the reader's.
for (const original of originals) {
  const reader = evtx?.open({ readAtMs: 0, fileName: 'warm.evtx' })
  reader?.push(original)
  reader?.end()
}

const crashes: string[] = []
const slow: string[] = []
let slowest = { seed: 0, ms: 0, bytes: 0 }
let records = 0
let unreadable = 0
let reasons: Record<string, number> = {}
let bytesRead = 0
for (let seed = FIRST_SEED; seed < FIRST_SEED + FILES; seed += 1) {
  const below = generator(seed)
  const bytes = damage(originals[below(originals.length)] ?? Buffer.alloc(0), below)
  const start = process.threadCpuUsage()
  try {
    const reader = evtx?.open({ readAtMs: 0, fileName: 'damaged.evtx' })
    for (const batch of [reader?.push(bytes), reader?.end()]) {
      records += batch?.records.length ?? 0
      unreadable += batch?.unreadable.length ?? 0
      for (const { reason } of batch?.unreadable ?? [])
        reasons = { ...reasons, [reason]: (reasons[reason] ?? 0) + 1 }
    }
  } catch (error) {
    crashes.push(`seed ${seed}: ${String(error)}`)
  }
  const { user, system } = process.threadCpuUsage(start)
  const spentMs = (user + system) / 1000
  if (spentMs > SLOW_MS) slow.push(`seed ${seed}: ${Math.round(spentMs)} ms for ${bytes.length} bytes`)
  if (spentMs > slowest.ms) slowest = { seed, ms: Math.round(spentMs * 10) / 10, bytes: bytes.length }
  bytesRead += bytes.length
}

report('evtx-mutations', {
  files: FILES,
  'first seed': FIRST_SEED,
  crashes: crashes.length,
  'over 100 ms': slow.length,
  examples: [...crashes, ...slow].slice(0, 10),
  slowest,
  megabytes: Math.round(bytesRead / 1e6),
  'records read': records,
  'places told': unreadable,
  reasons,
})
