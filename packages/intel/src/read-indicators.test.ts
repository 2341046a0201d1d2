import { type Indicator, indicatorDefaultsSchema, type IndicatorType } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { indicatorForms } from './forms/index.ts'
import { readIndicators } from './read-indicators.ts'

const NOW = Date.UTC(2026, 10, 20)
const defaults = indicatorDefaultsSchema.parse({})
const options = { defaults, now: NOW, leaveOutSuspects: false }
const hash = 'ab'.repeat(32)

async function read(text: string, format?: string) {
  return readIndicators(text, { ...options, format })
}

/** `type value` of each. */
function values({
  indicators,
}: {
  readonly indicators: readonly { type: IndicatorType; value: string }[]
}): string[] {
  return indicators.map(({ type, value }) => `${type} ${value}`)
}

describe('txt', () => {
  test('one value a line, with remarks, ranges of lists and a hosts file', async () => {
    const outcome = await read(
      `# a list\n${hash}\n45.9.148.1 ; SBL1\nhxxp://evil[.]test/a, seen\n0.0.0.0 c2.evil.test # x\n!x\n\n/tmp/a b\nnothing here\n45.9.148.1\n`,
    )
    expect(outcome.format).toBe('txt')
    expect(values(outcome)).toEqual([
      `sha256 ${hash}`,
      'ipv4 45.9.148.1',
      'url http://evil.test/a',
      'domain c2.evil.test',
      'path /tmp/a b',
    ])
    expect(outcome).toMatchObject({
      malformedCount: 1,
      malformed: [{ place: 9, reason: 'unknown-type', text: 'nothing' }],
      duplicateCount: 1,
      duplicates: [{ place: 10, value: '45.9.148.1' }],
    })
  })
})

describe('csv', () => {
  test('columns by name, whatever they are called', async () => {
    const outcome = await read(
      `type,value,confidence,severity,tlp,valid_until,tags,techniques,description\ndomain,evil.test,90,critical,TLP:RED,2027-01-01,a;b,T1071.001,"two\nlines, ""x"""\nsha256,zz,1,,,,,,\n`,
    )
    expect(outcome.format).toBe('csv')
    expect(outcome.indicators).toEqual([
      {
        type: 'domain',
        value: 'evil.test',
        confidence: 90,
        severity: 'critical',
        tlp: 'red',
        validFrom: NOW,
        validUntil: Date.UTC(2027, 0, 1),
        description: 'two lines, "x"',
        tags: ['a', 'b'],
        techniques: ['T1071.001'],
      },
    ])
    expect(outcome.malformed).toMatchObject([{ place: 4, reason: 'not-sha256' }])
  })

  test('names in a remark, as some feeds have them', async () => {
    const outcome = await read(
      '# a feed\n# id,dateadded,url,url_status\n"1","2026-11-19 10:00:00","http://45.9.148.1/x","online"\n',
    )
    expect(outcome.indicators).toMatchObject([
      { type: 'url', value: 'http://45.9.148.1/x', validFrom: Date.UTC(2026, 10, 19, 10) },
    ])
  })

  test('without names, the first field that is an indicator', async () => {
    expect(values(await read('2026-11-19,45.9.148.1,443\n2026-11-19,45.9.148.2,443\n', 'csv'))).toEqual([
      'ipv4 45.9.148.1',
      'ipv4 45.9.148.2',
    ])
  })
})

describe('json', () => {
  test('a list of objects and texts', async () => {
    expect(
      values(
        await read(
          JSON.stringify({ indicators: [{ type: 'domain_suffix', value: '*.evil.test' }, '45.9.148.1'] }),
        ),
      ),
    ).toEqual(['domain_suffix evil.test', 'ipv4 45.9.148.1'])
  })

  test('lists by kind', async () => {
    const outcome = await read(
      JSON.stringify({
        file_hashes: [hash],
        ip_addresses: ['192.168.1.100'],
        domains: ['evil.test'],
        file_paths: ['/tmp/evil*'],
        process_names: ['xmrig'],
      }),
    )
    expect(values(outcome)).toEqual([
      `sha256 ${hash}`,
      'ipv4 192.168.1.100',
      'domain evil.test',
      'path /tmp/evil*',
      'process_name xmrig',
    ])
    expect(outcome.suspects).toEqual([
      { place: 2, type: 'ipv4', value: '192.168.1.100', kind: 'special', reason: 'private' },
    ])
  })

  test('one object a line', async () => {
    const outcome = await read(
      '{"type":"md5","value":"' + 'ab'.repeat(16) + '"}\n{"value":"evil.test"}\n{"value":\n{"a":1}\n',
    )
    expect(values(outcome)).toEqual([`md5 ${'ab'.repeat(16)}`, 'domain evil.test'])
    expect(outcome.malformed.map(({ place, reason }) => [place, reason])).toEqual([
      [3, 'not-json'],
      [4, 'no-value'],
    ])
  })

  test.each(['{"a": 1}', '[', '7', `${'['.repeat(100)}${']'.repeat(100)}`])(
    '%j is no such document',
    async (text) => {
      await expect(read(text, 'json')).rejects.toMatchObject({ code: 'not-json' })
    },
  )
})

describe('stix', () => {
  const indicator = (pattern: string, rest = {}) => ({
    type: 'indicator',
    id: `indicator--${pattern.length}`,
    pattern,
    pattern_type: 'stix',
    valid_from: '2026-11-01T00:00:00Z',
    ...rest,
  })
  const bundle = (...objects: object[]) => JSON.stringify({ type: 'bundle', id: 'bundle--1', objects })

  test('every value of a pattern, with confidence, TLP and techniques', async () => {
    const outcome = await read(
      bundle(
        {
          type: 'attack-pattern',
          id: 'attack-pattern--1',
          external_references: [{ source_name: 'mitre-attack', external_id: 'T1105' }],
        },
        indicator("[file:hashes.'SHA-256' = '" + hash + "' OR ipv4-addr:value ISSUBSET '45.9.148.0/24']", {
          id: 'indicator--a',
          confidence: 77,
          labels: ['mirai'],
          object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
          valid_until: '2026-12-01T00:00:00Z',
          name: 'a name',
        }),
        {
          type: 'relationship',
          relationship_type: 'indicates',
          source_ref: 'indicator--a',
          target_ref: 'attack-pattern--1',
        },
        indicator("[file:name = 'evil.sh']"),
      ),
    )
    expect(outcome.format).toBe('stix')
    expect(outcome.indicators).toMatchObject([
      {
        type: 'sha256',
        value: hash,
        confidence: 77,
        tlp: 'amber',
        tags: ['mirai'],
        techniques: ['T1105'],
        description: 'a name',
        validUntil: Date.UTC(2026, 11, 1),
      },
      { type: 'cidr', value: '45.9.148.0/24' },
      { type: 'path', value: '*/evil.sh' },
    ])
  })

  test('what is not understood is refused aloud', async () => {
    const outcome = await read(
      bundle(
        indicator("[a:b = 'c' AND d:e = 'f']"),
        indicator("[email-addr:value = 'a@b.test']"),
        indicator('rule x {}', { pattern_type: 'yara' }),
        indicator("[domain-name:value = 'evil.test']", { revoked: true }),
        indicator("[domain-name:value LIKE '%.test']"),
      ),
    )
    expect(outcome.indicators).toEqual([])
    expect(outcome.malformed.map(({ place, reason }) => [place, reason])).toEqual([
      [1, 'unsupported-and'],
      [2, 'unsupported-object'],
      [3, 'unsupported-pattern-type'],
      [5, 'unsupported-like'],
    ])
  })
})

describe('misp', () => {
  test('attributes that are meant for detection, also those of objects', async () => {
    const outcome = await read(
      JSON.stringify({
        response: [
          {
            Event: {
              info: 'a campaign',
              threat_level_id: '1',
              Tag: [
                { name: 'tlp:green' },
                { name: 'botnet' },
                { name: 'misp-galaxy:mitre-attack-pattern="Web Protocols - T1071.001"' },
              ],
              Attribute: [
                { type: 'ip-dst|port', value: '45.9.148.1|443', to_ids: true, timestamp: '1763600000' },
                { type: 'filename|sha256', value: `a.sh|${hash}`, to_ids: true },
                { type: 'comment', value: 'text', to_ids: false },
                { type: 'mutex', value: 'x', to_ids: true },
              ],
              Object: [
                {
                  Attribute: [
                    { type: 'filename', value: 'evil.sh', to_ids: true, Tag: [{ name: 'tlp:red' }] },
                  ],
                },
              ],
            },
          },
        ],
      }),
    )
    expect(outcome.format).toBe('misp')
    expect(outcome.indicators).toMatchObject([
      {
        type: 'ipv4',
        value: '45.9.148.1',
        severity: 'high',
        tlp: 'green',
        tags: ['botnet'],
        techniques: ['T1071.001'],
        description: 'a campaign',
        validFrom: 1_763_600_000_000,
      },
      { type: 'sha256', value: hash },
      { type: 'path', value: '*/evil.sh', tlp: 'red' },
    ])
    expect(outcome.malformed).toMatchObject([{ place: 4, reason: 'unsupported-attribute' }])
  })
})

test('names that honest machines use are told, and left out where nobody looks', async () => {
  const text =
    '8.8.8.8\n10.0.0.1\nwww.debian.org\ngithub.com\nhttps://github.com/a/evil.sh\n8.8.8.0/24\nevil.test\n'
  const outcome = await read(text)
  expect(outcome.suspects.map(({ value, kind }) => `${kind} ${value}`)).toEqual([
    'benign 8.8.8.8',
    'special 10.0.0.1',
    'benign www.debian.org',
    'benign github.com',
    'benign 8.8.8.0/24',
  ])
  expect(outcome.indicators).toHaveLength(7)
  expect(values(await readIndicators(text, { ...options, leaveOutSuspects: true }))).toEqual([
    'url https://github.com/a/evil.sh',
    'domain evil.test',
  ])
})

test('an unknown form is refused with the names of those there are', async () => {
  await expect(read('a', 'xml')).rejects.toThrow('expected one of stix, misp, json, csv, txt')
})

describe('what is exported is read again as it was', () => {
  const kept: Indicator[] = [
    ['sha256', hash],
    ['md5', 'cd'.repeat(16)],
    ['ipv4', '45.9.148.1'],
    ['ipv6', '2a00::1'],
    ['cidr', '45.9.148.0/24'],
    ['domain', 'evil.test'],
    ['domain_suffix', 'bad.test'],
    ['url', 'http://evil.test/a?b=c'],
    ['path', "/tmp/it's"],
    ['process_name', 'xmrig'],
  ].map(([type, value], i) => ({
    number: i + 1,
    type: type as IndicatorType,
    value: value as string,
    source: 'test',
    confidence: 70,
    severity: 'high',
    tlp: 'green',
    validFrom: NOW - 1000,
    description: '=HYPERLINK("x")',
    tags: ['a', 'b'],
    techniques: ['T1105'],
    addedAt: NOW,
    sightings: { count: 0 },
  }))

  test.each(indicatorForms.map((form) => [form.name, form] as const))('%s', async (name, form) => {
    const pieces: string[] = []
    for await (const piece of form.write(batches(kept), NOW)) pieces.push(piece)
    const text = pieces.join('')
    if (name !== 'txt') expect(text).not.toMatch(/(^|,)=/m)
    const outcome = await read(text, name === 'txt' ? undefined : name)
    expect(outcome.malformed.filter(({ text }) => text !== 'xmrig')).toEqual([])
    const wanted = kept.filter(({ type }) => name !== 'txt' || type !== 'process_name')
    const back = values(outcome)
    // MISP has one word for both.
    if (name === 'misp') back.splice(6, 1, 'domain_suffix bad.test')
    expect(back).toEqual(values({ indicators: wanted }))
    if (name === 'json' || name === 'csv' || name === 'stix') {
      expect(outcome.indicators[0]).toMatchObject({
        confidence: 70,
        severity: 'high',
        tlp: 'green',
        tags: ['a', 'b'],
        techniques: ['T1105'],
        description: '=HYPERLINK("x")',
        validFrom: NOW - 1000,
      })
    }
  })
})

async function* batches(all: readonly Indicator[]): AsyncGenerator<readonly Indicator[]> {
  await Promise.resolve()
  yield all.slice(0, 4)
  yield []
  yield all.slice(4)
}
