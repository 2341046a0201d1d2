import type { DnsFacts } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { fromHex, tcp, text, told, udp } from '../testing/converse.ts'
import { samples } from '../testing/samples.ts'
import {
  dnsMessage,
  type DnsParts,
  dnsQuestion,
  dnsRecord,
  domainName,
  joined,
  measured,
  number,
} from '../testing/wire.ts'
import { dnsParser } from './index.ts'

const dns = (parts: DnsParts | Uint8Array): DnsFacts[] =>
  told(dnsParser, [['server', parts instanceof Uint8Array ? parts : dnsMessage(parts)]], udp).flatMap(
    (facts) => (facts.dns === undefined ? [] : [facts.dns]),
  )

const asked = samples.find(({ name, ends }) => name === 'dns' && ends.transport === 'udp')?.said ?? []

test('a question and its answer', () => {
  expect(told(dnsParser, asked, udp)).toEqual([
    {
      dns: {
        type: 'query',
        transaction_id: 0x1234,
        hostname: 'www.Example.com',
        query_type: 'A',
        query_class: 'IN',
        registered_domain: 'example.com',
        subdomain_length: 3,
        subdomain_entropy: 0,
        opcode: 'Query',
        flags: ['RD'],
      },
    },
    {
      dns: {
        type: 'answer',
        transaction_id: 0x1234,
        hostname: 'www.Example.com',
        query_type: 'A',
        query_class: 'IN',
        registered_domain: 'example.com',
        subdomain_length: 3,
        subdomain_entropy: 0,
        opcode: 'Query',
        flags: ['RD', 'RA'],
        rcode: 'NOERROR',
        answers: [
          { name: 'www.Example.com', type: 'CNAME', rdata: 'a\\.b.Example.com', ttl: 300 },
          { name: 'www.Example.com', type: 'A', rdata: '192.0.2.7', ttl: 60 },
          { name: 'www.Example.com', type: 'TXT', rdata: '"v=spf1 \\"x\\"" "\\007"', ttl: 300 },
        ],
        authorities: [{ name: 'www.Example.com', type: 'NS', rdata: 'ns.example.com', ttl: 300 }],
        edns: { udp_size: 1232, version: 0, dnssec_ok: true },
      },
    },
  ])
})

/** Type, data as bytes, data as in a zone file: from the examples of the RFCs where they have one. */
test.each<[number, string, Uint8Array, string]>([
  [28, 'AAAA', fromHex('20010db8000000000000000000000001'), '2001:db8::1'],
  [12, 'PTR', domainName('host.example'), 'host.example'],
  [
    6,
    'SOA',
    joined(domainName('ns.a'), domainName('admin.a'), ...[1, 2, 3, 4, 5].map((n) => number(n, 4))),
    'ns.a admin.a 1 2 3 4 5',
  ],
  [15, 'MX', joined(number(10, 2), domainName('mail.a')), '10 mail.a'],
  [15, 'MX', joined(number(0, 2), domainName('')), '0 .'],
  [33, 'SRV', joined(number(1, 2), number(2, 2), number(5060, 2), domainName('sip.a')), '1 2 5060 sip.a'],
  [
    35,
    'NAPTR',
    joined(
      number(100, 2),
      number(50, 2),
      measured(1, text('s')),
      measured(1, text('http')),
      measured(1),
      domainName('_http._tcp.a'),
    ),
    '100 50 "s" "http" "" _http._tcp.a',
  ],
  [
    257,
    'CAA',
    joined(Uint8Array.of(0), measured(1, text('issue')), text('ca.example')),
    '0 issue "ca.example"',
  ],
  [
    43,
    'DS',
    fromHex('ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118'),
    '60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118',
  ],
  [
    44,
    'SSHFP',
    fromHex('0201123456789abcdef67890123456789abcdef67890'),
    '2 1 123456789abcdef67890123456789abcdef67890',
  ],
  [48, 'DNSKEY', fromHex('0100 03 05 0103'), '256 3 5 AQM='],
  [
    46,
    'RRSIG',
    joined(fromHex('0001 05 03 00015180 3e7edc38 3e574834 0a52'), domainName('example.com'), fromHex('0103')),
    'A 5 3 86400 20030324102144 20030222095148 2642 example.com AQM=',
  ],
  [
    47,
    'NSEC',
    joined(
      domainName('host.example.com'),
      fromHex('0006400100000003 041b000000000000000000000000000000000000000000000000000020'),
    ),
    'host.example.com A MX RRSIG NSEC TYPE1234',
  ],
  [
    50,
    'NSEC3',
    fromHex('01 01 000c 04 aabbccdd 14 174eb2409fe28bcb4887a1836f957f0a8425e27b 00 01 40'),
    '1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A',
  ],
  [52, 'TLSA', fromHex('03 01 01 abcd'), '3 1 1 abcd'],
  [256, 'URI', joined(number(10, 2), number(1, 2), text('ftp://a/b')), '10 1 "ftp://a/b"'],
  [
    65,
    'HTTPS',
    joined(
      number(1, 2),
      domainName(''),
      fromHex('0001 0006 026832 026833 0004 0004 c0000201 0003 0002 20fb'),
    ),
    '1 . alpn=h2,h3 ipv4hint=192.0.2.1 port=8443',
  ],
  [
    64,
    'SVCB',
    joined(number(16, 2), domainName('foo.example.org'), fromHex('029b 0005 68656c6c6f')),
    '16 foo.example.org key667=68656c6c6f',
  ],
  [65_280, 'TYPE65280', fromHex('0a000001'), '\\# 4 0a000001'],
  // What is not as its type has it.
  [1, 'A', fromHex('0a0000'), '\\# 3 0a0000'],
  [15, 'MX', number(10, 2), '\\# 2 000a'],
  [16, 'TXT', fromHex('05 61'), '\\# 2 0561'],
])('data of type %i (%s)', (type, name, data, rdata) => {
  const [facts] = dns({ flags: 0x8000, questions: [dnsQuestion('a', 1)], answers: [dnsRecord(type, data)] })
  expect(facts?.answers).toEqual([{ name: 'a', type: name, rdata, ttl: 300 }])
})

describe('names (RFC 1035, 4.1.4)', () => {
  const answer = (name: Uint8Array, ...more: readonly Uint8Array[]): DnsFacts | undefined =>
    dns({
      flags: 0x8000,
      questions: [dnsQuestion('a.b', 1)],
      answers: [
        joined(name, number(1, 2), number(1, 2), number(0, 4), measured(2, new Uint8Array(4))),
        ...more,
      ],
    })[0]

  test.each([
    ['to itself', fromHex('c015')],
    ['ahead', fromHex('c0ff')],
    ['to a label that leads back to it', joined(measured(1, text('x')), fromHex('c015'))],
  ])('a pointer %s is none, and ends the reading', (_, name) => {
    expect(answer(name)).toMatchObject({ hostname: 'a.b', anomalies: ['malformed'] })
    expect(answer(name)?.answers).toBeUndefined()
  })

  test('a label of a kind that is not used is none', () => {
    expect(answer(fromHex('4161'))?.anomalies).toEqual(['malformed'])
  })

  test('longer than a name may be', () => {
    const long = joined(
      ...Array.from({ length: 5 }, () => measured(1, text('x'.repeat(60)))),
      Uint8Array.of(0),
    )
    expect(answer(long)?.anomalies).toEqual(['malformed'])
  })

  test('bytes that are no text', () => {
    expect(
      answer(joined(measured(1, fromHex('00 2e 5c ff 20 61')), Uint8Array.of(0)))?.answers?.[0]?.name,
    ).toBe('\\000\\.\\\\\\255\\032a')
  })
})

test('of several questions a query tells each, an answer the first', () => {
  const questions = [dnsQuestion('a', 1), dnsQuestion('b', 28)]
  expect(dns({ flags: 0, questions }).map(({ hostname, query_type: type }) => [hostname, type])).toEqual([
    ['a', 'A'],
    ['b', 'AAAA'],
  ])
  expect(dns({ flags: 0x8000, questions }).map(({ hostname }) => hostname)).toEqual(['a'])
})

test('an answer of mDNS asks nothing, and is about its first record', () => {
  const record = joined(
    domainName('printer.local'),
    number(1, 2),
    number(0x8001, 2),
    number(120, 4),
    measured(2, Uint8Array.of(192, 0, 2, 9)),
  )
  expect(dns({ flags: 0x8400, answers: [record] })).toMatchObject([
    { hostname: 'printer.local', query_type: 'A', flags: ['AA'], answers: [{ rdata: '192.0.2.9' }] },
  ])
})

test('a result beyond four bits stands in EDNS', () => {
  const opt = joined(Uint8Array.of(0), number(41, 2), number(512, 2), number(0x01000000, 4), number(0, 2))
  expect(dns({ flags: 0x8000, questions: [dnsQuestion('a', 1)], additionals: [opt] })[0]?.rcode).toBe(
    'BADVERS',
  )
})

test('a message that was cut short is told as far as it goes', () => {
  const whole = dnsMessage({
    flags: 0x8000,
    questions: [dnsQuestion('a', 1)],
    answers: [dnsRecord(1, new Uint8Array(4)), dnsRecord(1, new Uint8Array(4))],
  })
  expect(dns(whole.subarray(0, -10))).toMatchObject([
    { answers: [{ rdata: '0.0.0.0' }], anomalies: ['malformed'] },
  ])
  expect(dns(whole.subarray(0, -16))).toMatchObject([{ anomalies: ['truncated'] }])
})

test('over TCP a missed message costs that one, and it goes on with the next', () => {
  const message = measured(2, dnsMessage({ flags: 0x0100, questions: [dnsQuestion('a', 1)] }))
  for (const missed of [message.length - 10, message.length, message.length + 500]) {
    const found: unknown[] = []
    const session = dnsParser.open(tcp)
    const tell = (_: string, facts: unknown): void => void found.push(facts)
    session.push('client', message, 1, tell)
    session.push('client', message.subarray(0, 10), 1, tell)
    session.gap('client', missed)
    session.push('client', message.subarray(Math.min(message.length, 10 + missed)), 1, tell)
    session.push('client', message, 1, tell)
    expect(found).toHaveLength(2)
  }
})

describe('recognised', () => {
  const ends = { transport: 'udp', clientPort: 40_000, serverPort: 4444 } as const
  const onPort = { ...ends, serverPort: 53 }
  test.each<[string, Uint8Array, 'yes' | 'no', 'yes' | 'no']>([
    ['a query', dnsMessage({ flags: 0x0100, questions: [dnsQuestion('example.com', 16)] }), 'yes', 'yes'],
    [
      'a query of a type without name',
      dnsMessage({ flags: 0x0100, questions: [dnsQuestion('example.com', 65_280)] }),
      'no',
      'yes',
    ],
    [
      'an answer that asks nothing',
      dnsMessage({ flags: 0x8400, answers: [dnsRecord(1, new Uint8Array(4))] }),
      'no',
      'no',
    ],
    [
      'a query of NetBIOS',
      dnsMessage({ flags: 0x0110, questions: [dnsQuestion('EKEDFEEIEDCACACACACACACACACACAAA', 32)] }),
      'no',
      'no',
    ],
    ['zeros', new Uint8Array(60), 'no', 'no'],
  ])('%s', (_, message, elsewhere, there) => {
    expect(dnsParser.recognise('client', message, ends)).toBe(elsewhere)
    expect(dnsParser.recognise('client', message, onPort)).toBe(there)
  })
})
