import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadTechniques } from '../../packages/detect/src/attack.ts'
import { RuleCompiler } from '../../packages/detect/src/loading/compile-rules.ts'
import { detectionConfigSchema } from '../../packages/detect/src/config.ts'
import { parseRuleFile } from '../../packages/detect/src/loading/document.ts'
import { contentDirectory } from '../../packages/detect/src/loading/load-rules.ts'
import { loadLogSources } from '../../packages/detect/src/fields/log-source.ts'
import { drawProblem } from '../../packages/detect/src/loading/problem.ts'
import type { CompileContext } from '../../packages/detect/src/rule-type.ts'
import { unpackCorpus } from '../corpus/unpack.ts'

/** SigmaHQ's rules and our own, changed at random: each is loaded, or says why not, in little time. */

const RUNS = Number(process.env['VEDETTE_EVIL_RUNS'] ?? 100_000)
const SEED = Number(process.env['VEDETTE_EVIL_SEED'] ?? 20_261_120)
const MOST_MS = 100

let corpus: ReturnType<typeof unpackCorpus>
let texts: string[]
let context: CompileContext
beforeAll(async () => {
  corpus = unpackCorpus('sigma.tgz')
  const files = [
    ...globSync('sigma/rules*/**/*.yml', { cwd: corpus.path }).map((file) => join(corpus.path, file)),
    ...globSync('rules/**/*.yml', { cwd: contentDirectory }).map((file) => join(contentDirectory, file)),
  ]
  texts = files.map((file) => readFileSync(file, 'utf8'))
  const { logSources } = await loadLogSources(join(contentDirectory, 'mappings'))
  context = {
    logSources,
    techniques: await loadTechniques(join(contentDirectory, 'attack/techniques.json')),
    parameters: detectionConfigSchema.parse({}).parameters,
  }
})
afterAll(() => corpus[Symbol.dispose]())

/** Numbers that look random and are the same every time (a linear congruence). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % below
  }
}

const PIECES = [
  ': ',
  '- ',
  '\n',
  '  ',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '<<: *a\n',
  '"',
  "'",
  '\n---\n',
  '|',
  '>',
  '#',
  '\t',
  '\\',
  ',',
  '!!binary ',
  '~',
  '? ',
  '%',
  '%x%',
  '@',
  '\u0000',
  '\ud800',
  '\u202e',
  '\r',
  '*',
  '?',
  '\\*',
  '\\\\',
  '|contains',
  '|re',
  '|re|i',
  '|windash',
  '|base64offset|contains',
  '|cidr',
  '|expand',
  '|all',
  '|neq',
  '|hour',
  '|fieldref',
  '|exists',
  '|gt',
  '|wide',
  '|utf16',
  '|cased',
  '|contians',
  ' and ',
  ' or ',
  ' not ',
  '1 of *',
  '(',
  ')',
  'all of them',
  ' | count() by x > 5',
  'timeframe: 5m',
  '__proto__: ',
  'constructor: ',
  'toString',
  '1e999',
  'action: global\n',
  'action: repeat\n',
  'correlation:\n  type: event_count\n',
  'filter:\n  rules: any\n',
  '(a+)+$',
  '(a|a)*b',
  '(?=x)',
  '\\1',
  '[',
  'x{1000}{1000}',
  '10.0.0.0/33',
  '::/129',
  '2026-02-30',
]

/** Long ones, of which a text gets at most one. */
const MONSTERS = [
  () => '('.repeat(5000),
  () => 'not '.repeat(2400),
  () => '*a'.repeat(2000),
  () => '-a '.repeat(500),
  () => '['.repeat(3000),
  () => '{a: '.repeat(1000),
  () => '- '.repeat(3000),
  () => `[${'x, '.repeat(20_000)}]`,
  () => ' '.repeat(20_000),
  () => '\n'.repeat(20_000),
  () => "'".repeat(9999),
  () => 'a: &a [x]\n'.repeat(500),
  () => '%suspicious_processes%'.repeat(20),
  () => '1 of s* or '.repeat(900),
  () => 'é'.repeat(9000),
  () => '(x*)*'.repeat(500),
  () => 'title: x\n---\n'.repeat(190),
]

function mutated(random: (below: number) => number): string {
  let text = texts[random(texts.length)] ?? ''
  for (let changes = 1 + random(5); changes > 0; changes -= 1) {
    const at = random(text.length + 1)
    switch (random(7)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + random(40))
        break
      case 1: {
        const lines = text.split('\n')
        const line = random(lines.length)
        lines[line] = ' '.repeat(random(9)) + (lines[line] ?? '').trimStart()
        text = lines.join('\n')
        break
      }
      case 2: {
        const lines = text.split('\n')
        lines.splice(random(lines.length), 1 + random(3))
        text = lines.join('\n')
        break
      }
      case 3: {
        const lines = text.split('\n')
        lines.splice(random(lines.length), 0, lines[random(lines.length)] ?? '')
        text = lines.join('\n')
        break
      }
      case 4: {
        const other = texts[random(texts.length)] ?? ''
        const from = random(other.length + 1)
        text = text.slice(0, at) + other.slice(from, from + random(200)) + text.slice(at)
        break
      }
      default:
        text = text.slice(0, at) + PIECES[random(PIECES.length)] + text.slice(at)
    }
  }
  if (random(10) === 0) {
    const at = random(text.length + 1)
    text = text.slice(0, at) + MONSTERS[random(MONSTERS.length)]?.() + text.slice(at)
  }
  return text
}

function load(text: string): number {
  const { documents, problems } = parseRuleFile('evil.yml', text)
  const compiler = new RuleCompiler(context)
  compiler.add(documents)
  const steps = compiler.compile()
  let step = steps.next()
  while (!step.done) step = steps.next()
  const { rules, warnings } = step.value
  for (const problem of [...problems, ...step.value.problems, ...warnings]) {
    drawProblem(problem)
    if (problem.code === '' || problem.message === '' || problem.line < 0)
      throw new Error(JSON.stringify(problem))
  }
  return rules.length
}

/** Milliseconds of this thread, the least of several tries where the first was long: others use the machine as well. */
function costOf(text: string): number {
  let least = Infinity
  for (let tries = 0; tries < 5 && least > MOST_MS; tries += 1) {
    const before = process.threadCpuUsage()
    load(text)
    const { user, system } = process.threadCpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

test(`S1 ${RUNS} rules that were changed at random: none is too much, and none takes ${MOST_MS} ms`, () => {
  const random = randomOf(SEED)
  let slowest = 0
  for (let run = 0; run < RUNS; run += 1) {
    const text = mutated(random)
    let cost: number
    try {
      cost = costOf(text)
    } catch (error) {
      throw new Error(`Run ${run} of seed ${SEED} failed on:\n${text.slice(0, 5000)}`, { cause: error })
    }
    slowest = Math.max(slowest, cost)
    if (cost > MOST_MS)
      throw new Error(`Run ${run} of seed ${SEED} took ${cost} ms for:\n${text.slice(0, 5000)}`)
  }
  expect(slowest).toBeLessThan(MOST_MS)
})
