import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCases } from './suricata/cases.ts'
import { compareCase, type Comparison } from './suricata/compare.ts'
import { readDifferences, unequal } from './suricata/differences.ts'
import { pagePath, writePage } from './suricata/page.ts'
import { unpackCorpus } from './unpack.ts'

/** Captures of suricata-verify: what was said is told as its cases expect, but for what `differences.yml` gives reasons of. */

const root = fileURLToPath(new URL('../..', import.meta.url))

let corpus: ReturnType<typeof unpackCorpus>
let comparisons: readonly Comparison[]
beforeAll(() => {
  corpus = unpackCorpus('suricata-verify.txz')
  comparisons = readCases(join(corpus.path, 'suricata-verify')).map(compareCase)
})
afterAll(() => corpus[Symbol.dispose]())

test('every case is looked at, and no parser throws', () => {
  expect(comparisons).toHaveLength(699)
  expect(comparisons.flatMap(({ compared }) => compared).length).toBeGreaterThan(700)
  expect(comparisons.filter(({ failed }) => failed > 0)).toEqual([])
})

test('what differs is listed with its reason, and what is listed differs', () => {
  const { differences } = readDifferences()
  const listed = differences.flatMap(({ checks }) =>
    Object.entries(checks).flatMap(([name, numbers]) => numbers.map((number) => `${name} #${number}`)),
  )
  expect(listed.filter((each, at) => listed.indexOf(each) !== at)).toEqual([])
  const found = new Map(
    comparisons.flatMap((comparison) =>
      unequal(comparison).map(({ check, text }): [string, string] => [`${comparison.name} #${check}`, text]),
    ),
  )
  expect([...found].filter(([each]) => !listed.includes(each)).map(([, text]) => text)).toEqual([])
  expect(listed.filter((each) => !found.has(each))).toEqual([])
})

test('each kind of check that is left aside has its reason, and no other kind has one', () => {
  const kinds = new Set(comparisons.flatMap(({ apart }) => apart))
  expect(Object.keys(readDifferences().apart).sort()).toEqual([...kinds].sort())
})

test('the table of the guide is the one that these captures give', () => {
  expect(readFileSync(join(root, pagePath), 'utf8')).toBe(writePage(comparisons, readDifferences()))
})
