import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { Detection, Event, RuleProblem } from '@vedette/model'
import { loadTechniques } from '../attack.ts'
import { detectionConfigSchema } from '../config.ts'
import { parseRuleFile } from '../loading/document.ts'
import { createEngine, type Engine } from '../engine.ts'
import { type CompiledRules, RuleCompiler } from '../loading/compile-rules.ts'
import { contentDirectory } from '../loading/load-rules.ts'
import { loadLogSources } from '../fields/log-source.ts'
import type { Parameters } from '../loading/parameters.ts'

/** Rules for tests, compiled against the mappings and techniques that come with Vedette. */

const { logSources } = await loadLogSources(join(contentDirectory, 'mappings'))
const techniques = await loadTechniques(join(contentDirectory, 'attack/techniques.json'))
const defaults = detectionConfigSchema.parse({}).parameters

/** A clock that stands still. */
export const stillClock = { now: () => 0, monotonic: () => 0 }

/** Compiles the documents of one file, or of several. */
export function compileText(text: string | readonly string[], parameters: Parameters = {}): CompiledRules {
  const compiler = new RuleCompiler({
    logSources,
    techniques,
    parameters: { ...defaults, ...parameters },
  })
  const problems: RuleProblem[] = []
  const texts = typeof text === 'string' ? [text] : text
  for (const [index, one] of texts.entries()) {
    const parsed = parseRuleFile(index === 0 ? 'test.yml' : `test-${index}.yml`, one)
    problems.push(...parsed.problems)
    compiler.add(parsed.documents)
  }
  const steps = compiler.compile()
  let step = steps.next()
  while (!step.done) step = steps.next()
  const { rules, correlations, warnings } = step.value
  return { rules, correlations, warnings, problems: [...problems, ...step.value.problems] }
}

/** @throws {Error} when the text has a problem */
export function engineOf(text: string, parameters: Parameters = {}): Engine {
  const { rules, problems } = compileText(text, parameters)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return createEngine(rules, { clock: stillClock, log: silentLogger })
}

/** A Sigma rule with this detection, over one kind of event, whatever it is about. */
export function sigmaText(detection: string, category = 'process'): string {
  const indented = detection
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
  return `title: Test\nlogsource: { product: vedette, category: ${category} }\ndetection:\n${indented}\n`
}

/** What a selection, written as the value of one key, says of an event. */
export function detect(selection: string, event: Event, parameters: Parameters = {}): Detection | undefined {
  const text = sigmaText(
    `selection:\n  ${selection.replaceAll('\n', '\n  ')}\ncondition: selection`,
    event.kind,
  )
  return engineOf(text, parameters).evaluate([event])[0]
}

export function codesOf(text: string, parameters: Parameters = {}): string[] {
  const { problems, warnings } = compileText(text, parameters)
  return [...problems, ...warnings].map(({ code }) => code)
}
