import type { ProtocolFacts } from '@vedette/model'
import fc from 'fast-check'
import type { FlowEnds, ProtocolParser, Speaker } from '../protocol-parser.ts'

/** What the ends said, in order. */
export type Conversation = readonly (readonly [Speaker, Uint8Array])[]

export const tcp: FlowEnds = { transport: 'tcp', clientPort: 40_000, serverPort: 4000 }
export const udp: FlowEnds = { ...tcp, transport: 'udp' }

/** What a parser tells of a conversation, to its end. The bytes handed to it are gone afterwards, as those of a ring are. */
export function told(parser: ProtocolParser, said: Conversation, ends = tcp): ProtocolFacts[] {
  const found: ProtocolFacts[] = []
  const session = parser.open(ends)
  const tell = (_name: string, facts: ProtocolFacts): void => {
    found.push(structuredClone(facts))
  }
  let wants = 'more'
  for (const [speaker, bytes] of said) {
    const lent = Uint8Array.from(bytes)
    wants = session.push(speaker, lent, 1000, tell)
    lent.fill(0xee)
    if (wants !== 'more') break
  }
  session.end(2000, tell)
  return found
}

/** The same conversation in pieces: cut after each byte whose number is in `cuts`. */
export function cutUp(said: Conversation, cuts: readonly number[]): Conversation {
  const pieces: [Speaker, Uint8Array][] = []
  let before = 0
  for (const [speaker, bytes] of said) {
    const inside = cuts.map((cut) => cut - before).filter((cut) => cut > 0 && cut < bytes.length)
    const borders = [0, ...inside.toSorted((a, b) => a - b), bytes.length]
    for (let n = 1; n < borders.length; n += 1)
      pieces.push([speaker, bytes.subarray(borders[n - 1], borders[n])])
    before += bytes.length
  }
  return pieces
}

/** Cuts of a conversation: anywhere, or after every byte. */
export function anyCuts(said: Conversation): fc.Arbitrary<number[]> {
  const length = said.reduce((sum, [, bytes]) => sum + bytes.length, 0)
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(fc.nat({ max: length }), { maxLength: 12 }) },
    { weight: 1, arbitrary: fc.constant(Array.from({ length }, (_, at) => at)) },
  )
}

/** The same conversation with bytes that were changed, left out, doubled or put in. */
export function anyDamage(said: Conversation): fc.Arbitrary<Conversation> {
  const damage = fc.record({
    piece: fc.nat({ max: Math.max(0, said.length - 1) }),
    at: fc.nat({ max: 4096 }),
    length: fc.nat({ max: 64 }),
    put: fc.uint8Array({ maxLength: 16 }),
  })
  return fc.array(damage, { maxLength: 4 }).map((damages) => {
    const pieces = said.map(([speaker, bytes]): [Speaker, Uint8Array] => [speaker, bytes])
    for (const { piece, at, length, put } of damages) {
      const [speaker, bytes] = pieces[piece] ?? ['client', new Uint8Array(0)]
      const from = bytes.length === 0 ? 0 : at % bytes.length
      pieces[piece] = [speaker, Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + length)])]
    }
    return pieces
  })
}

export const text = (value: string): Uint8Array => Buffer.from(value, 'latin1')
export const fromHex = (value: string): Uint8Array => Buffer.from(value.replaceAll(/\s/g, ''), 'hex')
