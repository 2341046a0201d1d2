import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contentDirectory, type LoadedRules, type LoadOptions, loadRules } from './load-rules.ts'
import { drawProblem } from './problem.ts'

const TIME = new Date('2026-01-02T03:04:05Z')

let folder: string
let cacheFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-cache-'))
  cacheFile = join(folder, 'cache', 'rules-3.cache')
  mkdirSync(join(folder, 'rules'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const rule = (title: string, more = '') => `title: ${title}
name: ${title.toLowerCase().replaceAll(' ', '_')}
description: Schlüssel, ключ, 鍵, 🔑
author: Somebody
status: test
tags: [attack.t1059.004, attack.execution]
falsepositives: [Unknown]
level: high
logsource: { product: windows, category: process_creation }
detection: { s: { CommandLine|contains: '${title}' }, condition: s }
${more}`

function put(name: string, text: string, time = TIME): void {
  const path = join(folder, 'rules', name)
  writeFileSync(path, text)
  utimesSync(path, time, time)
}

function load(options: LoadOptions = {}): Promise<LoadedRules> {
  return loadRules([join(folder, 'rules')], { cache: join(folder, 'cache'), ...options })
}

function meaning({ rules, correlations, problems, warnings }: LoadedRules): unknown {
  return {
    rules: rules.map(({ info, name, parameters, foreign, routes, ...others }) => ({
      info: { ...info },
      name,
      parameters,
      source: foreign?.source,
      condition: inspect(foreign?.condition, { depth: null }),
      routes: inspect(routes, { depth: null }),
      others: Object.keys(others).filter((key) => key === 'fingerprint'),
    })),
    correlations: correlations.map(({ info }) => info),
    problems: problems.map(drawProblem),
    warnings,
  }
}

async function expectAsWithout(options: LoadOptions = {}): Promise<void> {
  const { cache: _, ...without } = { ...options, cache: '' }
  const plain = meaning(await loadRules([join(folder, 'rules')], without))
  expect(meaning(await load(options))).toEqual(plain)
}

/** The inode: a new one is a file that was written anew. */
const inode = () => statSync(cacheFile).ino

function putSome(): void {
  put('a.yml', rule('First'))
  put('b.yml', `${rule('Second', 'id: one\n')}---\n${rule('Third', 'id: three\n')}`)
  put(
    'bad.yml',
    'title: Bad\nlogsource: { product: windows }\ndetection: { s: { A|nothing: x }, condition: s }\n',
  )
  put('empty.yml', '')
  put(
    'correlation.yml',
    `title: Many
id: many
correlation: { type: event_count, rules: [first], group-by: [User], timespan: 1m, condition: { gte: 3 } }
`,
  )
  put('twice.yml', rule('Fourth', 'id: three\n'))
  put('placeholder.yml', rule('Fifth').replace("'Fifth'", "'%suspicious_ports%'"))
}

describe('RuleCache', () => {
  test('gives what the text gives, and is not written again', async () => {
    putSome()
    await expectAsWithout()
    const before = inode()
    await expectAsWithout()
    expect(inode()).toBe(before)
    const { rules, correlations, problems } = await load()
    expect(rules.map(({ info }) => info.title)).toEqual(expect.arrayContaining(['First', 'Second', 'Third']))
    expect(rules[0]?.info.explanation).toBe('Schlüssel, ключ, 鍵, 🔑')
    expect(correlations).toHaveLength(1)
    expect(problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['rule-twice', 'unknown-modifier']),
    )
  })

  test('a file that is new, changed or gone counts as it is', async () => {
    putSome()
    await load()
    put('a.yml', rule('First'), new Date('2026-01-02T03:04:06Z'))
    put('b.yml', rule('Only', 'id: one\n'))
    put('new.yml', rule('New'))
    rmSync(join(folder, 'rules', 'correlation.yml'))
    await expectAsWithout()
    await expectAsWithout()
  })

  test('other parameters and other mappings compile the rules anew', async () => {
    putSome()
    await load()
    await expectAsWithout({ parameters: { suspicious_ports: ['4', '5'] } })
    const content = join(folder, 'content')
    mkdirSync(join(content, 'mappings'), { recursive: true })
    mkdirSync(join(content, 'attack'))
    const techniques = readFileSync(join(contentDirectory, 'attack/techniques.json'), 'utf8')
    writeFileSync(join(content, 'attack/techniques.json'), techniques.replaceAll('Unix Shell', 'A Shell'))
    writeFileSync(
      join(content, 'mappings/one.yml'),
      'name: one\ndescription: one\nsources: [{ logsource: { product: windows }, events: [{ kind: process }] }]\n',
    )
    await expectAsWithout({ content })
    await expectAsWithout({ content })
    expect((await load({ content })).rules[0]?.info.techniques).toMatchObject([{ name: 'A Shell' }])
    writeFileSync(join(content, 'mappings/bad.yml'), 'name: bad\nmore: bad\n')
    await expectAsWithout({ content })
    await expectAsWithout({ content })
    expect((await load({ content })).problems.some(({ file }) => file.endsWith('bad.yml'))).toBe(true)
    await expectAsWithout()
  })

  test('one that is damaged anywhere, cut short or empty is as good as none', async () => {
    put('a.yml', rule('First'))
    await load()
    const whole = readFileSync(cacheFile)
    // In the digest, the index and the documents.
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 12)) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 0x20
      writeFileSync(cacheFile, bytes)
      await expectAsWithout()
      // It was made anew.
      expect(readFileSync(cacheFile).equals(bytes)).toBe(false)
    }
    for (const length of [0, 10, 32, 40, whole.length - 1]) {
      writeFileSync(cacheFile, whole.subarray(0, length))
      await expectAsWithout()
      expect(statSync(cacheFile).size).toBe(whole.length)
    }
  })

  describe('one that another user could have written is not believed, and is replaced', () => {
    /** What it holds is another rule than the file does, which it would give if it were believed. */
    async function forge(change: () => void): Promise<void> {
      put('a.yml', rule('Fake1'))
      await load()
      put('a.yml', rule('First'))
      // As it stands it is believed: this is what the changes are to prevent.
      expect((await load()).rules[0]?.info.title).toBe('Fake1')
      change()
      await expectAsWithout()
      expect((await load()).rules[0]?.info.title).toBe('First')
      const { mode, uid } = lstatSync(cacheFile)
      expect([mode & 0o7777, uid]).toEqual([0o600, process.getuid?.()])
    }

    test.each(['620', '602', '666'])('mode %s', (mode) =>
      forge(() => chmodSync(cacheFile, Number.parseInt(mode, 8))),
    )

    test.runIf(process.getuid?.() === 0)('owner (root alone can give a file away)', () =>
      forge(() => chownSync(cacheFile, 65_534, 65_534)),
    )

    test('a link', () =>
      forge(() => {
        renameSync(cacheFile, join(folder, 'elsewhere'))
        symlinkSync(join(folder, 'elsewhere'), cacheFile)
      }))
  })
})
