import type { ForeignRecord } from '@vedette/formats'
import type { LogSource } from '@vedette/model'

/** Rules and records of all sorts for comparing ways to judge, from a seed: the same seed gives the same. */

/** Random numbers from 0 to 1, excluding 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Words that stand in rules and records: short, long, alike but for case, outside ASCII, and with what code must escape. */
const words = [
  'a',
  'x1',
  'cmd',
  'CMD',
  'curl',
  'CuRL',
  'powershell',
  'PowerShell.exe',
  '\\cmd.exe',
  '\\\\powershell.exe',
  'C:\\Windows\\System32\\',
  ' -enc ',
  '-nop',
  '/tmp/',
  'http://',
  'żółw',
  'ŻÓŁW',
  'ſtraſſe',
  'STRASSE',
  'straße',
  '\u212Aelvin',
  'kelvin',
  'İstanbul',
  '😀',
  '🕵️‍♀️',
  '\ud800',
  'é',
  '\u0000',
  '\n',
  '"quoted"',
  "it's",
  '`${x}`',
  '\u2028',
  '1',
  '11',
  '4688',
  '-0.5',
  'true',
  'null',
  'a much longer text that goes on and on so that it is sampled in places',
  'a much longer text that goes on and ON so that it is sampled in places',
] as const

const fields = [
  'Image',
  'CommandLine',
  'EventID',
  'User',
  'Hashes',
  'Data',
  'a.b',
  'a.b.c',
  'constructor',
  '__proto__',
  'with space',
] as const

const sources: readonly LogSource[] = [
  { product: 'windows', category: 'process_creation' },
  { product: 'windows', service: 'security' },
  { product: 'windows' },
  { category: 'proxy' },
  { product: 'zeek', service: 'dns' },
  { product: 'cisco', service: 'aaa' },
]

export class Generator {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T
  }

  #text(most = 4): string {
    let text = ''
    for (let n = this.#below(most + 1); n > 0; n -= 1) text += this.#oneWord()
    return text
  }

  /** A word, now and then in capitals. */
  #oneWord(): string {
    const word = this.#pick(words)
    return this.#below(4) === 0 ? word.toUpperCase() : word
  }

  /** A rule in Sigma's notation, as JSON, which YAML reads too. */
  rule(number: number): string {
    const detection = {
      a: this.#selection(),
      b: this.#selection(),
      _c: this.#selection(),
      condition: this.#pick([
        // Rules of one selection alone take ways of their own.
        'a',
        'a',
        'a',
        'a',
        'a',
        'a and b',
        'a or b',
        'a and not b',
        'not a',
        'not a and not b',
        '1 of them',
        'all of them',
        'not (a or b)',
        'a and (b or _c)',
        '(a or _c) and not b',
        'a or not (b and _c)',
      ]),
    }
    return JSON.stringify({ title: `Rule ${number}`, logsource: this.#pick(sources), detection })
  }

  #selection(): unknown {
    const kind = this.#below(10)
    if (kind === 0) return this.#list(() => this.#word())
    if (kind === 1) return this.#list(() => this.#map())
    return this.#map()
  }

  #list<T>(one: () => T): T[] {
    return Array.from({ length: 1 + this.#below(this.#below(8) === 0 ? 20 : 3) }, one)
  }

  #word(): string {
    return this.#text(2) || this.#pick(words)
  }

  #map(): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let n = 1 + this.#below(4) * this.#below(2); n > 0; n -= 1) {
      const [key, value] = this.#item()
      // A plain assignment would set the prototype.
      Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
    }
    return map
  }

  #item(): [key: string, value: unknown] {
    const field = this.#pick(fields)
    const value = (): string | number => {
      const text = this.#text(3)
      const kind = this.#below(8)
      if (kind === 0) return `*${text}`
      if (kind === 1) return `${text}*`
      if (kind === 2) return `${text.slice(0, 3)}?*${text.slice(2)}`
      if (kind === 3) return this.#pick([1, 11, 4688, -0.5])
      if (kind < 6) return this.#oneWord()
      return text
    }
    switch (this.#below(16)) {
      case 0:
        return [`${field}|exists`, this.#random() < 0.5]
      case 1:
        return [field, null]
      case 2:
        return [`${field}|${this.#pick(['lt', 'lte', 'gt', 'gte'])}`, this.#pick([0, 1, 11, 5000, '-0.25'])]
      case 3:
        return [
          `${field}|re${this.#pick(['', '|i'])}`,
          this.#pick([
            'c.rl',
            'cmd|curl',
            '^a.*x',
            '(?:power){1,2}shell',
            '[0-9]{2}$',
            'a+b*',
            '\\\\cmd\\.exe$',
            'k',
          ]),
        ]
      case 4:
        return [`${field}|cidr`, this.#pick(['10.0.0.0/8', 'fe80::/10'])]
      case 5:
        return [`${field}|fieldref${this.#pick(['', '|contains', '|endswith'])}`, this.#pick(fields)]
      case 6:
        return [`${field}|contains|all`, this.#list(() => this.#word())]
      case 7:
        return [`${field}|neq`, this.#list(value)]
      default: {
        const modifiers = this.#pick([
          '',
          '|contains',
          '|startswith',
          '|endswith',
          '|contains|cased',
          '|cased',
        ])
        return [field + modifiers, this.#list(value)]
      }
    }
  }

  source(): LogSource {
    return this.#random() < 0.2 ? {} : this.#pick(sources)
  }

  /** A record; some of its values come often, as in real logs. */
  record(): ForeignRecord {
    const record: Record<string, unknown> = {}
    for (const field of fields) {
      if (this.#random() < 0.4) continue
      Object.defineProperty(record, field, {
        value: this.#value(0),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    if (this.#random() < 0.3)
      record['a'] = this.#random() < 0.5 ? { b: this.#value(1) } : [{ b: { c: 'curl' } }, 'x']
    if (this.#random() < 0.1) Object.assign(record, this.#pick(sources))
    return record
  }

  #value(depth: number): unknown {
    switch (this.#below(14)) {
      case 0:
        return null
      case 1:
        return this.#pick([1, 11, 4688, -0.5, 0, 1e21, this.#below(1e6)])
      case 2:
        return this.#random() < 0.5
      case 3:
        return depth > 1 ? [] : this.#list(() => this.#value(depth + 1))
      case 4:
        return depth > 1 ? {} : { b: this.#value(depth + 1), other: this.#text() }
      case 5:
        return this.#text(40)
      case 6:
        return this.#random() < 0.1
          ? 'padding '.repeat(300) + this.#text()
          : this.#pick(['10.1.2.3', 'fe80::1'])
      case 7:
      case 8:
        return this.#oneWord()
      default:
        return this.#text()
    }
  }
}
