import { protocolEventSchema } from '@vedette/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { protocols } from './protocols.ts'
import { anyCuts, anyDamage, cutUp, told } from './testing/converse.ts'
import { parserOf, samples } from './testing/samples.ts'

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

describe.each(samples)('$name over $ends.transport: %#', (sample) => {
  const { name, ends, said } = sample
  const parser = parserOf(sample)

  test('is recognised by what either end says first, and by no other parser', () => {
    for (const [speaker, head] of said.slice(0, 2)) {
      const answers = protocols
        .filter(({ transports }) => transports.includes(ends.transport))
        .map((each) => [each.name, each.recognise(speaker, head, ends)] as const)
      expect(answers.filter(([, answer]) => answer === 'yes').map(([found]) => found)).toEqual([name])
    }
  })

  test('a beginning of what is recognised is never refused', () => {
    if (ends.transport === 'udp') return
    for (const [speaker, head] of said.slice(0, 2)) {
      const whole = parser.recognise(speaker, head, ends)
      for (let length = 1; length < head.length; length += 1) {
        const answer = parser.recognise(speaker, head.subarray(0, length), ends)
        expect([length, answer]).toEqual([
          length,
          expect.stringMatching(whole === 'yes' ? /yes|maybe/ : /no|maybe/),
        ])
      }
    }
  })

  test('the same bytes in other pieces give the same facts, and these are as the model has them', () => {
    const whole = told(parser, said, ends)
    expect(whole.length).toBeGreaterThan(0)
    for (const each of whole) expect(facts.parse(each)).toEqual(each)
    if (ends.transport === 'udp') return
    fc.assert(
      fc.property(anyCuts(said), (cuts) => {
        expect(told(parser, cutUp(said, cuts), ends)).toEqual(whole)
      }),
    )
  })

  test('damaged bytes give what the model can hold, in any pieces the same', () => {
    fc.assert(
      fc.property(anyDamage(said), fc.array(fc.nat({ max: 2000 }), { maxLength: 8 }), (damaged, cuts) => {
        const whole = told(parser, damaged, ends)
        for (const each of whole) expect(facts.parse(each)).toEqual(each)
        if (ends.transport === 'tcp') expect(told(parser, cutUp(damaged, cuts), ends)).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })

  test('bytes that were missed cost what they were part of, and nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2000 }), { maxLength: 8 }), fc.nat({ max: 20 }), (cuts, missed) => {
        const session = parser.open(ends)
        const tell = (_name: string, each: unknown): void => void facts.parse(each)
        for (const [at, [speaker, bytes]] of cutUp(said, cuts).entries()) {
          if (at === missed) session.gap(speaker, bytes.length)
          else session.push(speaker, bytes, 1000, tell)
        }
        session.end(2000, tell)
      }),
    )
  })
})

test('what no one speaks is not recognised', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 40, maxLength: 300 }),
      fc.constantFrom('client', 'server'),
      (bytes, speaker) => {
        for (const transport of ['tcp', 'udp'] as const) {
          const ends = { transport, clientPort: 40_000, serverPort: 4444 }
          for (const parser of protocols.filter(({ transports }) => transports.includes(transport)))
            expect(parser.recognise(speaker, bytes, ends)).not.toBe('yes')
        }
      },
    ),
    { numRuns: 2000 },
  )
})
