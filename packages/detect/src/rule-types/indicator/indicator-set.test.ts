import { domainForm, normaliseIndicator, readAddress, readRange, registeredDomain } from '@vedette/formats'
import { type IndicatorType, indicatorTypes } from '@vedette/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IndicatorSet, type ObservableKind, type SetEntry } from './indicator-set.ts'
import { MOST_PATTERNS } from './pattern-table.ts'

const TIME = 1_700_000_000_000

function entry(number: number, type: IndicatorType, text: string, rest: Partial<SetEntry> = {}): SetEntry {
  const outcome = normaliseIndicator(type, text)
  if (!outcome.ok) throw new Error(`${type} ${text}: ${outcome.reason}`)
  return { number, ...outcome.value, origin: 0, validFrom: 0, ...rest }
}

function found(set: IndicatorSet, kind: ObservableKind, text: string, happened = TIME, now = TIME): number[] {
  const entries: number[] = []
  set.find(kind, text, happened, now, entries)
  return entries.map((at) => set.entry(at).number).sort((a, b) => a - b)
}

function setOf(...entries: SetEntry[]): IndicatorSet {
  const set = new IndicatorSet(1)
  for (const one of entries) set.add(one)
  return set
}

describe('IndicatorSet', () => {
  test('finds a hash of each length, and tells them apart', () => {
    const hex = 'ab'.repeat(32)
    const set = setOf(
      entry(1, 'sha256', hex),
      entry(2, 'sha1', hex.slice(0, 40)),
      entry(3, 'md5', hex.slice(0, 32)),
    )
    expect(found(set, 'hash', hex)).toEqual([1])
    expect(found(set, 'hash', hex.slice(0, 40))).toEqual([2])
    expect(found(set, 'hash', hex.slice(0, 32))).toEqual([3])
    expect(found(set, 'hash', `${hex.slice(0, 63)}a`)).toEqual([])
  })

  test('I6: finds an address alone and in every range that holds it, however it is written', () => {
    const set = setOf(
      entry(1, 'ipv4', '198.51.100.7'),
      entry(2, 'cidr', '198.51.100.0/24'),
      entry(3, 'cidr', '198.0.0.0/8'),
      entry(4, 'cidr', '2001:db8::/33'),
    )
    expect(found(set, 'address', '198.51.100.7')).toEqual([1, 2, 3])
    expect(found(set, 'address', '::ffff:198.51.100.7')).toEqual([1, 2, 3])
    expect(found(set, 'address', '198.51.101.7')).toEqual([3])
    expect(found(set, 'address', '2001:db8:7fff::1')).toEqual([4])
    expect(found(set, 'address', '2001:db8:8000::1')).toEqual([])
    expect(found(set, 'address', 'no address')).toEqual([])
  })

  test('a domain is that host, a suffix all below, a registered domain what one owner has', () => {
    const set = setOf(
      entry(1, 'domain', 'a.example'),
      entry(2, 'domain_suffix', 'b.example'),
      entry(3, 'registered_domain', 'amazonaws.com'),
      entry(4, 'registered_domain', 'evil.co.uk'),
    )
    expect(found(set, 'domain', 'a.example')).toEqual([1])
    expect(found(set, 'domain', 'x.a.example')).toEqual([])
    expect(found(set, 'domain', 'b.example')).toEqual([2])
    expect(found(set, 'domain', 'x.y.b.example')).toEqual([2])
    expect(found(set, 'domain', 'xb.example')).toEqual([])
    expect(found(set, 'domain', 'www.evil.co.uk')).toEqual([4])
    expect(found(set, 'domain', 'www.amazonaws.com')).toEqual([3])
    // Whose name this is did not register amazonaws.com.
    expect(found(set, 'domain', 'bucket.s3.amazonaws.com')).toEqual([])
  })

  test('I4: a URL without scheme means any, without query any', () => {
    const set = setOf(
      entry(1, 'url', 'http://evil.example/a'),
      entry(2, 'url', 'evil.example/b'),
      entry(3, 'url', 'http://evil.example/c?d=1'),
    )
    expect(found(set, 'url', 'http://evil.example/a')).toEqual([1])
    expect(found(set, 'url', 'http://evil.example/a?x=1')).toEqual([1])
    expect(found(set, 'url', 'https://evil.example/a')).toEqual([])
    expect(found(set, 'url', 'https://evil.example/b?x')).toEqual([2])
    expect(found(set, 'url', 'http://evil.example/c?d=1')).toEqual([3])
    expect(found(set, 'url', 'http://evil.example/c')).toEqual([])
  })

  test('I5: paths keep their case, names of programs do not; both take wildcards', () => {
    const set = setOf(
      entry(1, 'path', '/tmp/X'),
      entry(2, 'path', '/tmp/.a*/run?'),
      entry(3, 'path', '*.locked'),
      entry(4, 'path', '*evil*'),
      entry(5, 'process_name', 'XMRig'),
      entry(6, 'process_name', 'kdevtmp*'),
    )
    expect(found(set, 'path', '/tmp/X')).toEqual([1])
    expect(found(set, 'path', '/tmp/x')).toEqual([])
    expect(found(set, 'path', '/tmp/.abc/d/run1')).toEqual([2])
    expect(found(set, 'path', '/tmp/.abc/run')).toEqual([])
    expect(found(set, 'path', '/home/an evil file.locked')).toEqual([3, 4])
    expect(found(set, 'process_name', 'xmrig')).toEqual([5])
    expect(found(set, 'process_name', 'KDEVTMPFSI')).toEqual([6])
    expect(found(set, 'process_name', 'xmrig2')).toEqual([])
  })

  test('names beyond Latin-1 are found too', () => {
    const set = setOf(entry(1, 'process_name', 'шифр'), entry(2, 'path', '/tmp/файл'))
    expect(found(set, 'process_name', 'ШИФР')).toEqual([1])
    expect(found(set, 'path', '/tmp/файл')).toEqual([2])
    expect(set.remove({ type: 'path', value: '/tmp/файл' }, 2)).toBe(true)
    expect(found(set, 'path', '/tmp/файл')).toEqual([])
  })

  test('several sources may name one value; each goes alone', () => {
    const set = setOf(
      entry(1, 'domain', 'a.example'),
      entry(2, 'domain', 'a.example'),
      entry(3, 'domain', 'a.example'),
    )
    expect(found(set, 'domain', 'a.example')).toEqual([1, 2, 3])
    expect(set.remove({ type: 'domain', value: 'a.example' }, 2)).toBe(true)
    expect(set.remove({ type: 'domain', value: 'a.example' }, 2)).toBe(false)
    expect(found(set, 'domain', 'a.example')).toEqual([1, 3])
    expect(set.size).toBe(2)
    set.remove({ type: 'domain', value: 'a.example' }, 3)
    set.remove({ type: 'domain', value: 'a.example' }, 1)
    expect(found(set, 'domain', 'a.example')).toEqual([])
  })

  test('I2: holds from its beginning by our clock, and to its end by the time of the event', () => {
    const set = setOf(entry(1, 'ipv4', '198.51.100.7', { validFrom: TIME, validUntil: TIME + 10_000 }))
    // The host's clock is behind: the event is from before the indicator began.
    expect(found(set, 'address', '198.51.100.7', TIME - 60_000, TIME)).toEqual([1])
    expect(found(set, 'address', '198.51.100.7', TIME, TIME - 1000)).toEqual([])
    // It came late: it happened while the indicator held.
    expect(found(set, 'address', '198.51.100.7', TIME + 9000, TIME + 60_000)).toEqual([1])
    expect(found(set, 'address', '198.51.100.7', TIME + 10_000, TIME + 60_000)).toEqual([])
  })

  test('the same number with the same value takes the place of the old one', () => {
    const set = setOf(
      entry(1, 'ipv4', '198.51.100.7', { origin: 1 }),
      entry(1, 'ipv4', '198.51.100.7', { origin: 2 }),
    )
    const entries: number[] = []
    set.find('address', '198.51.100.7', TIME, TIME, entries)
    expect(entries.map((at) => set.entry(at).origin)).toEqual([2])
    expect(set.size).toBe(1)
  })

  test('I5: patterns beyond their bound are refused', () => {
    const set = new IndicatorSet(1)
    for (let i = 0; i < MOST_PATTERNS; i += 1) expect(set.add(entry(i, 'path', `/tmp/${i}/*`))).toBe(true)
    expect(set.add(entry(-1, 'path', '/tmp/more/*'))).toBe(false)
    expect(found(set, 'path', '/tmp/77/a')).toEqual([77])
    expect(set.size).toBe(MOST_PATTERNS)
  })

  test('finds what a plain search finds, while entries come and go', () => {
    const few = {
      hash: fc.constantFrom('aa', 'ab', 'ba').map((pair) => pair.repeat(32)),
      address: fc.constantFrom('198.51.100.7', '198.51.100.8', '198.51.7.7', '2001:db8::1', '2001:db8::ffff'),
      range: fc.constantFrom(
        '198.51.100.0/24',
        '198.51.100.6/31',
        '198.0.0.0/8',
        '2001:db8::/64',
        '2001:db8::/120',
      ),
      domain: fc.constantFrom(
        'a.example',
        'b.a.example',
        'c.b.a.example',
        'ba.example',
        'x.co.uk',
        'y.x.co.uk',
      ),
      path: fc.constantFrom('/tmp/a', '/tmp/ab', '/tmp/a*', '*/ab', '/t?p/a', '*mp*'),
    }
    const change = fc.record({
      remove: fc.boolean(),
      number: fc.integer({ min: 1, max: 40 }),
      value: fc.oneof(
        fc.tuple(fc.constant<IndicatorType>('sha256'), few.hash),
        fc
          .tuple(fc.constantFrom<IndicatorType>('ipv4', 'ipv6'), few.address)
          .filter(([type, text]) => (type === 'ipv6') === text.includes(':')),
        fc.tuple(fc.constant<IndicatorType>('cidr'), few.range),
        fc.tuple(fc.constantFrom<IndicatorType>('domain', 'domain_suffix', 'registered_domain'), few.domain),
        fc.tuple(fc.constant<IndicatorType>('path'), few.path),
      ),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 120 }), fc.integer(), (changes, seed) => {
        const set = new IndicatorSet(seed)
        const kept = new Map<string, SetEntry>()
        for (const {
          remove,
          number,
          value: [type, text],
        } of changes) {
          const one = entry(number, type, text)
          const key = `${one.type} ${one.value} ${number}`
          if (remove) {
            expect(set.remove(one, number)).toBe(kept.delete(key))
          } else {
            set.add(one)
            kept.set(key, one)
          }
        }
        expect(set.size).toBe(kept.size)
        const questions: [ObservableKind, string][] = [
          ...['aa', 'ab', 'ba', 'bb'].map((pair): [ObservableKind, string] => ['hash', pair.repeat(32)]),
          ...['198.51.100.7', '198.51.100.8', '198.51.7.7', '2001:db8::1', '2001:db8::1:0'].map(
            (text): [ObservableKind, string] => ['address', text],
          ),
          ...['a.example', 'c.b.a.example', 'ba.example', 'z.y.x.co.uk'].map(
            (text): [ObservableKind, string] => ['domain', text],
          ),
          ...['/tmp/a', '/tmp/ab', '/x'].map((text): [ObservableKind, string] => ['path', text]),
        ]
        for (const [kind, text] of questions) {
          const plain = [...kept.values()].filter((one) => names(one, kind, text)).map(({ number }) => number)
          expect(found(set, kind, text)).toEqual(plain.sort((a, b) => a - b))
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a hundred thousand keys come, go and come again', () => {
    const set = new IndicatorSet(7)
    const value = (i: number) => ({ type: 'domain' as const, value: domainForm(`h${i}.example`) ?? '' })
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 100_000; i += 1)
        set.add({ ...value(i), number: i + 1, origin: round, validFrom: 0 })
      for (let i = 0; i < 100_000; i += 1) if (i % 10 !== 0) set.remove(value(i), i + 1)
    }
    expect(set.size).toBe(10_000)
    expect(found(set, 'domain', 'h99990.example')).toEqual([99_991])
    expect(found(set, 'domain', 'h99991.example')).toEqual([])
  })
})

/** What an indicator means, said plainly. */
function names({ type, value }: SetEntry, kind: ObservableKind, text: string): boolean {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
    case 'cidr':
      return kind === 'address' && inRange(text, value)
    case 'domain':
      return kind === 'domain' && text === value
    case 'domain_suffix':
      return kind === 'domain' && `.${text}`.endsWith(`.${value}`)
    case 'registered_domain':
      return kind === 'domain' && registeredDomain(text) === value
    case 'path':
      return (
        kind === 'path' &&
        new RegExp(`^${value.replaceAll('/', '\\/').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text)
      )
    default:
      return kind === 'hash' && text === value
  }
}

function inRange(address: string, range: string): boolean {
  const [a, b] = [new Uint32Array(4), new Uint32Array(4)]
  const family = readAddress(address, a)
  const read = readRange(range, b)
  if (read?.family !== family) return false
  const bits = (words: Uint32Array) => [...words].map((word) => word.toString(2).padStart(32, '0')).join('')
  return bits(a).slice(0, read.prefix) === bits(b).slice(0, read.prefix)
}

test('every type can be kept', () => {
  const samples: Record<IndicatorType, string> = {
    sha256: 'a'.repeat(64),
    sha1: 'a'.repeat(40),
    md5: 'a'.repeat(32),
    ipv4: '198.51.100.7',
    ipv6: '2001:db8::1',
    cidr: '198.51.100.0/24',
    domain: 'a.example',
    domain_suffix: 'a.example',
    registered_domain: 'a.example',
    url: 'http://a.example/',
    path: '/tmp/x',
    process_name: 'x',
  }
  for (const type of indicatorTypes) {
    const set = setOf(entry(1, type, samples[type]))
    expect(set.size).toBe(1)
    expect(set.remove(entry(1, type, samples[type]), 1)).toBe(true)
    expect(set.size).toBe(0)
  }
})
