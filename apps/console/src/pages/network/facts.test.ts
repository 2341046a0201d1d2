import { expect, test } from 'vitest'
import { factsOf } from './facts.ts'

test('factsOf() tells each fact under its name, lists in one line, and what is within others under both, what is long last', () => {
  const facts = {
    sni: 'shop.example',
    ja3_hash: 'ab',
    client_ciphers: [1, 2],
    client_alpns: ['h2'],
    established: true,
    certificate: { subject: 'CN=x', sans: [] },
    answers: [
      { name: 'a', rdata: '192.0.2.1', ttl: 3 },
      { name: 'b', rdata: '::1', ttl: 4 },
    ],
  }
  expect(factsOf(facts).map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'SNI: shop.example',
    'JA3 hash: ab',
    'client ALPNs: h2',
    'established: yes',
    'certificate subject: CN=x',
    'answers: a 192.0.2.1 3',
    'answers: b ::1 4',
    'client ciphers: 1, 2',
  ])
})

test('factsOf() is bounded, whatever the event holds', () => {
  expect(factsOf({ list: Array.from({ length: 500 }, (_, n) => ({ n })) })).toHaveLength(80)
  expect(factsOf({ text: 'x'.repeat(10_000) })[0]?.value).toHaveLength(601)
  expect(factsOf(undefined)).toEqual([])
})
