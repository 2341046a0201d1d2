import type { ProtocolParser } from '../packages/formats/src/protocols/protocol-parser.ts'
import { http2Parser } from '../packages/formats/src/protocols/http2/index.ts'
import { protocols } from '../packages/formats/src/protocols/protocols.ts'
import { cutUp } from '../packages/formats/src/protocols/testing/converse.ts'
import { parserOf, samples } from '../packages/formats/src/protocols/testing/samples.ts'
import { quantile, report } from './figures.ts'

/**
 * What one conversation costs in each protocol: recognised, read in segments of 1,460 bytes, told. Processor time of this
 * thread; the median of the rounds, which take turns. `--save` keeps the figures.
 */

const ROUNDS = 15
const ROUND_MS = 60
const SEGMENT_BYTES = 1460

let told = 0
const tell = (): void => {
  told += 1
}

const cases = samples.map((sample) => {
  const { ends, said } = sample
  const parser = parserOf(sample)
  // HTTP/2 is told as HTTP too.
  const name = parser === http2Parser ? 'http/2' : sample.name
  const bytes = said.reduce((sum, [, each]) => sum + each.length, 0)
  const cuts = Array.from({ length: Math.floor(bytes / SEGMENT_BYTES) }, (_, n) => (n + 1) * SEGMENT_BYTES)
  const pieces = ends.transport === 'udp' ? said : cutUp(said, cuts)
  return { name, ends, parser, pieces, bytes }
})

function converse({ parser, ends, pieces }: (typeof cases)[number]): void {
  const [first] = pieces
  if (first === undefined || parser.recognise(first[0], first[1], ends) !== 'yes')
    throw new Error('Not recognised')
  const session = parser.open(ends)
  for (const [speaker, piece] of pieces) if (session.push(speaker, piece, 1, tell) !== 'more') break
  session.end(2, tell)
}

/** Microseconds of processor time for each. */
function timed(run: () => void): number {
  const start = process.threadCpuUsage()
  let times = 0
  let used = 0
  while (used < ROUND_MS * 1000) {
    for (let n = 0; n < 50; n += 1) run()
    times += 50
    const { user, system } = process.threadCpuUsage(start)
    used = user + system
  }
  return used / times
}

/** Every parser asked of bytes that none of them knows: what a flow costs that stays unknown. */
function refuse(parsers: readonly ProtocolParser[]): () => void {
  const noise = Uint8Array.from({ length: 600 }, (_, n) => (n * 197 + 131) & 0xff)
  return () => {
    for (const parser of parsers)
      parser.recognise('client', noise, { transport: 'tcp', clientPort: 1, serverPort: 2 })
  }
}
const refused = refuse(protocols.filter(({ transports }) => transports.includes('tcp')))

const rounds = cases.map((): number[] => [])
const refusals: number[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [at, each] of cases.entries()) rounds[at]?.push(timed(() => converse(each)))
  refusals.push(timed(refused))
}
const figures = Object.fromEntries(
  cases.map(({ name, ends, bytes, pieces, ...each }, at) => {
    const us = quantile(rounds[at] ?? [], 0.5)
    told = 0
    converse({ name, ends, bytes, pieces, ...each })
    return [
      `${name} over ${ends.transport}`,
      {
        usPerConversation: Number(us.toFixed(1)),
        events: told,
        packets: pieces.length,
        eventsPerSecond: Math.round((told * 1e6) / us),
        packetsPerSecond: Math.round((pieces.length * 1e6) / us),
        megabytesPerSecond: Number((bytes / us).toFixed(1)),
      },
    ]
  }),
)
report('protocol-parsers', { ...figures, usToRefuseByAllOfTcp: Number(quantile(refusals, 0.5).toFixed(2)) })
