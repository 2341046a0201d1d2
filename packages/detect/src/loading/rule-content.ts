import type { RuleProblem } from '@vedette/model'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTechniques, type TechniqueCatalogue } from '../attack.ts'
import { addMapping, isMappingFile, LogSources } from '../fields/log-source.ts'
import { parseRuleFile, rememberedRuleFile } from './document.ts'
import type { RuleCache } from './rule-cache.ts'
import { readRuleFile } from './rule-files.ts'

/** What comes with Vedette that rules are compiled against. */
export interface RuleContent {
  readonly logSources: LogSources
  readonly techniques: TechniqueCatalogue
  /** What is wrong with the mappings. */
  readonly problems: readonly RuleProblem[]
  /** The same for the same content. */
  readonly digest: string
}

/**
 * Reads `mappings/` and `attack/techniques.json` of a folder. What was found to be without faults before, by its SHA-256, is
 * not checked again.
 *
 * @throws when they are missing, or the techniques are no catalogue
 */
export function readContent(folder: string, cache: RuleCache | undefined): RuleContent {
  const mappings = join(folder, 'mappings')
  const files = readdirSync(mappings)
    .filter(isMappingFile)
    .sort()
    .map((name) => join(mappings, name))
  const texts = files.map((file) => readFileSync(file, 'utf8'))
  const catalogue = readFileSync(join(folder, 'attack', 'techniques.json'), 'utf8')
  const digest = createHash('sha256')
    .update(JSON.stringify([files, texts, catalogue]))
    .digest('hex')
  const known = cache?.content(digest)
  const logSources = new LogSources()
  const techniques = parseTechniques(catalogue, known !== undefined)
  if (known) {
    for (const [file, documents] of known.mappings) {
      const remembered = { plain: true, count: documents.length, read: (index: number) => documents[index] }
      for (const document of rememberedRuleFile(file, remembered, readRuleFile).documents)
        addMapping(document, logSources, true)
    }
    return { logSources, techniques, problems: [], digest }
  }
  const parsed = files.map((file, at) => [file, parseRuleFile(file, texts[at] ?? '')] as const)
  const problems = parsed.flatMap(([, { problems: faults, documents }]) => [
    ...faults,
    ...documents.flatMap((document) => addMapping(document, logSources)),
  ])
  if (problems.length === 0) {
    const data = parsed.map(([file, { documents }]) => [file, documents.map((one) => one.data)] as const)
    cache?.setContent({ digest, mappings: data })
  }
  return { logSources, techniques, problems, digest }
}
