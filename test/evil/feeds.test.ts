import { CodedError, systemClock } from '@vedette/base'
import { IndicatorMatcher } from '@vedette/detect'
import { indicatorForms, readIndicators } from '@vedette/intel'
import { type Event, indicatorDefaultsSchema } from '@vedette/model'
import { expect, test } from 'vitest'

/**
 * Feeds are written by others, and some of them by attackers: whatever stands in one, reading it ends soon and with a
 * result or a reason, and what it gave can be matched. The long form: VEDETTE_EVIL_RUNS=100000.
 */
const mutations = Number(process.env['VEDETTE_EVIL_RUNS'] ?? 3000)
const seed = Number(process.env['VEDETTE_TEST_SEED'] ?? 1)
/** Processor time of this thread, so that a busy machine changes nothing. */
const MOST_MS = 100
const LONGEST = 64 * 1024

const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const bundle = JSON.stringify({
  type: 'bundle',
  id: 'bundle--1',
  objects: [
    {
      type: 'attack-pattern',
      id: 'attack-pattern--1',
      external_references: [{ source_name: 'mitre-attack', external_id: 'T1105' }],
    },
    {
      type: 'indicator',
      id: 'indicator--1',
      pattern: `[file:hashes.'SHA-256' = '${hash}' OR (ipv4-addr:value ISSUBSET '198.51.100.0/24')] OR [url:value IN ('http://a.test/', 'http://b.test/')]`,
      pattern_type: 'stix',
      valid_from: '2026-11-01T00:00:00Z',
      valid_until: '2027-11-01T00:00:00.123Z',
      confidence: 80,
      labels: ['a', 'b'],
      object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
    },
    {
      type: 'relationship',
      relationship_type: 'indicates',
      source_ref: 'indicator--1',
      target_ref: 'attack-pattern--1',
    },
    {
      type: 'indicator',
      pattern: "[domain-name:value = 'evil.test' AND file:name LIKE '%.sh']",
      pattern_type: 'stix',
    },
  ],
})
const event = JSON.stringify({
  response: [
    {
      Event: {
        info: 'a campaign',
        threat_level_id: '1',
        Tag: [
          { name: 'tlp:green' },
          { name: 'misp-galaxy:mitre-attack-pattern="Web Protocols - T1071.001"' },
        ],
        Attribute: [
          { type: 'ip-dst|port', value: '198.51.100.7|443', to_ids: true, timestamp: '1763600000' },
          { type: 'filename|sha256', value: `a.sh|${hash}`, to_ids: true },
        ],
        Object: [{ Attribute: [{ type: 'filename', value: 'evil.sh', to_ids: true }] }],
      },
    },
  ],
})
const seeds: readonly string[] = [
  `# list\n${hash}\n198.51.100.7\n198.51.100.0/24 ; SBL1\n2001:db8::1\nhxxp://evil[.]test/a?b=c#d\n0.0.0.0 c2.evil.test\n*.evil.test\n/tmp/.x*/run?\nbücher.test\nC:\\Windows\\x.exe\n`,
  `type,value,confidence,severity,tlp,valid_until,tags,techniques,description\r\ndomain,evil.test,90,critical,TLP:RED,2027-01-01,a;b,T1071.001,"two\r\nlines, ""x"""\r\nsha256,${hash},1,,,,,,'=1+1\r\n`,
  '# id,dateadded,url,url_status\n"1","2026-11-19 10:00:00","http://198.51.100.7/x","online"\n',
  JSON.stringify({
    indicators: [
      { type: 'domain_suffix', value: '*.evil.test', confidence: 80, tags: ['a'], valid_from: 1763600000 },
      '198.51.100.7',
    ],
    file_hashes: [hash],
    process_names: ['xmrig', 'kdev*'],
    file_paths: ['*/evil', '/tmp/?*'],
  }),
  `{"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427e"}\n{"value":"evil.test"}\n`,
  bundle,
  event,
]

/** Pieces that parsers stumble over. */
const pieces = [
  '"',
  "'",
  '\\',
  '\\u0000',
  '\u0000',
  '\ud800',
  '\ufeff',
  '\r',
  '\n',
  '\t',
  ',',
  ';',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  ':',
  '.',
  '*',
  '?',
  '%',
  '/',
  '//',
  '__proto__',
  'constructor',
  'null',
  'true',
  '1e999',
  '-0',
  '9'.repeat(400),
  'a'.repeat(3000),
  '.'.repeat(300),
  ':'.repeat(60),
  '['.repeat(200),
  '('.repeat(500),
  '*?'.repeat(200),
  '""'.repeat(100),
  '{"a":'.repeat(100),
  '::ffff:',
  '0x7f.1',
  'xn--',
  '[.]',
  'hxxp',
  '\u202e',
  'ﬀ',
  '０',
  "' OR '",
  '%00',
  '../'.repeat(50),
]

/** A small generator of its own (xorshift), so that a run can be had again. */
function random(start: number): (below: number) => number {
  let state = (start * 2_654_435_761 + 0x9e3779b9) >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}

function mutated(number: number): string {
  const next = random(seed * 1_000_003 + number)
  let text = seeds[next(seeds.length)] ?? ''
  for (let times = 1 + next(6); times > 0; times -= 1) {
    const at = next(text.length + 1)
    const length = next(Math.min(200, text.length + 1))
    switch (next(8)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + length)
        break
      case 1:
        text = text.slice(0, at) + (pieces[next(pieces.length)] ?? '') + text.slice(at)
        break
      case 2:
        text = text.slice(0, at) + String.fromCharCode(next(0x10000)) + text.slice(at + 1)
        break
      case 3:
        text = text.slice(0, at)
        break
      case 4:
        text = text.slice(0, at) + text.slice(at, at + length).repeat(1 + next(50)) + text.slice(at)
        break
      case 5: {
        const other = seeds[next(seeds.length)] ?? ''
        text = text.slice(0, at) + other.slice(next(other.length), next(other.length)) + text.slice(at)
        break
      }
      case 6:
        text = text.repeat(1 + next(8))
        break
      default:
        text =
          text.slice(0, at) +
          (pieces[next(pieces.length)] ?? '').repeat(1 + next(20)) +
          text.slice(at + length)
    }
    text = text.slice(0, LONGEST)
  }
  return text
}

const defaults = indicatorDefaultsSchema.parse({})
const names = [undefined, ...indicatorForms.map(({ name }) => name)]

/** An event that names a value in every place that is looked at. */
function eventOf(value: string): Event {
  const file = { path: value, name: value.slice(0, 100) }
  return {
    id: 'evil' as Event['id'],
    time: Date.now(),
    device: { uid: 'evil' as Event['device']['uid'], hostname: 'evil' },
    severity_id: 1,
    metadata: { version: '1.8.0', log_provider: 'file', logged_time: 0 },
    kind: 'process',
    class_uid: 1007,
    activity: 'launch',
    process: { uid: 'evil' as never, pid: 1, name: value, path: value, cmd_line: value, file },
  }
}

test(
  `${mutations} mutated feeds: each ends with a result or a reason, none takes ${MOST_MS} ms`,
  { timeout: 3_600_000 },
  async () => {
    const matcher = new IndicatorMatcher({ clock: systemClock, seed })
    const slow: { readonly number: number; readonly ms: number }[] = []
    let taken = 0
    let refused = 0
    for (let number = 0; number < mutations; number += 1) {
      const text = mutated(number)
      const format = names[number % names.length]
      const before = process.threadCpuUsage()
      try {
        const outcome = await readIndicators(text, {
          format,
          defaults,
          now: Date.now(),
          leaveOutSuspects: number % 2 === 0,
        })
        taken += outcome.indicators.length
        for (const [position, facts] of outcome.indicators.slice(0, 50).entries()) {
          const indicator = { ...facts, source: 'evil', number: position + 1 }
          matcher.add(indicator)
          matcher.evaluate([eventOf(facts.value)])
          matcher.remove(indicator)
        }
        expect(matcher.size).toBe(0)
      } catch (error) {
        if (!(error instanceof CodedError)) {
          throw new Error(
            `mutation ${number} of seed ${seed} as ${format ?? 'whatever it is'} was not withstood`,
            { cause: error },
          )
        }
        refused += 1
      }
      const { user, system } = process.threadCpuUsage(before)
      const ms = (user + system) / 1000
      if (ms > MOST_MS) slow.push({ number, ms })
    }
    // Both ways are gone, or the mutations are none.
    expect(taken).toBeGreaterThan(mutations / 10)
    expect(refused).toBeGreaterThan(mutations / 100)
    expect(slow).toEqual([])
  },
)
