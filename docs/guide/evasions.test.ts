import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { acts } from './evasion-acts.ts'
import { attacks, evasions, evasionsPage } from './evasions.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the page on evasions is current: else run `node scripts/write-evasions.ts`', () => {
  expect(readFileSync(new URL('./evasions.md', import.meta.url), 'utf8')).toBe(evasionsPage())
})

test('each act is a row, and each row is an act', () => {
  expect(evasions.map(({ act }) => act).toSorted()).toEqual(Object.keys(acts).toSorted())
})

test('a row that says alert names a rule, and each rule that is named ships with Vedette', () => {
  for (const { title, rules, tiers } of evasions) {
    expect([title, rules.length > 0]).toEqual([title, tiers.includes('alert')])
  }
  for (const rule of [...evasions, ...attacks].flatMap(({ rules }) => rules)) {
    expect([rule, existsSync(`${root}content/rules/linux/${rule}/rule.yml`)]).toEqual([rule, true])
  }
})

test('what is said of attacks on the watch itself, a test does', () => {
  for (const { proof } of attacks) {
    const [file, name] = proof
    expect([proof, readFileSync(`${root}${file}`, 'utf8').includes(`test('${name}'`)]).toEqual([proof, true])
  }
})
