import { globSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { inspect } from 'node:util'
import { drawProblem, type LoadedRules, loadRules } from '@vedette/detect'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

let corpus: ReturnType<typeof unpackCorpus>
let folder: string
beforeAll(() => {
  corpus = unpackCorpus('sigma.tgz')
  folder = join(corpus.path, 'sigma')
})
afterAll(() => corpus[Symbol.dispose]())

const foldersOf = (...names: readonly string[]) =>
  globSync(names.length > 0 ? names : 'rules*', { cwd: folder }).map((name) => join(folder, name))
const refused = ({ problems }: LoadedRules) => [
  ...new Set(problems.map(({ file }) => relative(folder, file))),
]

/** Every name between per cent signs in the rules. */
function placeholders(): Record<string, string> {
  const names = foldersOf()
    .flatMap((path) =>
      globSync('**/*.yml', { cwd: path }).map((file) => readFileSync(join(path, file), 'utf8')),
    )
    .filter((text) => text.includes('|expand'))
    .flatMap((text) => [...text.matchAll(/%([\w-]+)%/g)].map((found) => found[1] ?? ''))
  return Object.fromEntries(names.map((name) => [name, 'given']))
}

describe("loading SigmaHQ's rules", () => {
  test('all 3,757 that are to be used as they are load, but two with placeholders', async () => {
    const loaded = await loadRules(
      foldersOf('rules', 'rules-{emerging-threats,threat-hunting,compliance,dfir}'),
    )
    expect(refused(loaded)).toEqual([
      'rules-emerging-threats/2026/Exploits/CVE-2026-54121/win_security_adcs_certighost_cdc_chase_request.yml',
      'rules-emerging-threats/2026/Exploits/CVE-2026-54121/win_security_adcs_certighost_cert_issued_via_chase.yml',
    ])
    expect(new Set(loaded.problems.map(({ code }) => code))).toEqual(new Set(['unresolved-placeholder']))
    expect(loaded.rules).toHaveLength(3755)
    expect(loaded.rules.filter(({ foreign }) => foreign === undefined)).toEqual([])
  })

  test('the 23 of rules-placeholder are refused aloud, and all 3,780 load once placeholders are given', async () => {
    const alone = await loadRules(foldersOf('rules-placeholder'))
    expect(alone.rules).toHaveLength(0)
    expect(refused(alone)).toHaveLength(23)
    const given = await loadRules(foldersOf(), { parameters: placeholders() })
    expect(given.problems).toEqual([])
    expect(given.rules).toHaveLength(3780)
  })

  test('a refusal has code, file, line, column, the line and a caret', async () => {
    const [problem] = (await loadRules(foldersOf('rules-emerging-threats'))).problems
    if (!problem) throw new Error('nothing was refused')
    const line = readFileSync(problem.file, 'utf8').split('\n')[problem.line - 1] ?? ''
    expect(problem.excerpt).toBe(line)
    expect(line.slice(problem.column - 1)).toMatch(/^%known_cdcs%/)
    const [, excerpt = '', caret = ''] = drawProblem(problem).split('\n')
    expect(excerpt.slice(caret.indexOf('^'))).toMatch(/^%known_cdcs%/)
  })

  test('status and name are data; what is deprecated loads', async () => {
    const { rules } = await loadRules(foldersOf('rules'))
    const statuses = new Set(rules.map(({ info }) => info.status))
    expect(statuses).toEqual(new Set(['stable', 'test', 'experimental']))
  })
})

describe('the cache', () => {
  const meaning = ({ rules, problems }: LoadedRules) => ({
    rules: rules.map(({ info, foreign, parameters, name, routes }) => ({
      info,
      name,
      parameters,
      source: foreign?.source,
      condition: inspect(foreign?.condition, { depth: null }),
      routes: [...routes.keys()],
    })),
    problems,
  })

  test('gives what the text gives, also after a file changed, other parameters, and damage', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'vedette-rules-'))
    try {
      const folders = foldersOf('rules/linux', 'rules-placeholder')
      const plain = meaning(await loadRules(folders))
      expect(meaning(await loadRules(folders, { cache }))).toEqual(plain)
      const [file = ''] = globSync('*.cache', { cwd: cache })
      const path = join(cache, file)
      const { mtimeMs } = statSync(path)
      expect(meaning(await loadRules(folders, { cache }))).toEqual(plain)
      expect(statSync(path).mtimeMs).toBe(mtimeMs) // it was not written again

      const parameters = placeholders()
      const given = meaning(await loadRules(folders, { parameters }))
      expect(given.rules.length).toBeGreaterThan(plain.rules.length)
      expect(meaning(await loadRules(folders, { cache, parameters }))).toEqual(given)
      expect(meaning(await loadRules(folders, { cache }))).toEqual(plain)

      const [rule = ''] = globSync('rules/linux/**/*.yml', { cwd: folder }).map((name) => join(folder, name))
      const text = readFileSync(rule, 'utf8')
      writeFileSync(rule, text.replace(/^title: .*$/m, 'title: Other'))
      utimesSync(rule, new Date(), new Date(Date.now() + 5000))
      expect((await loadRules(folders, { cache })).rules.some(({ info }) => info.title === 'Other')).toBe(
        true,
      )
      writeFileSync(rule, text)

      const bytes = readFileSync(path)
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      writeFileSync(path, bytes)
      expect(meaning(await loadRules(folders, { cache }))).toEqual(plain)
    } finally {
      rmSync(cache, { recursive: true })
    }
  })
})
