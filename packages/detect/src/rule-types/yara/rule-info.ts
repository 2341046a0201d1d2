import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { type RuleId, type RuleInfo, severities, type Severity, type Technique } from '@vedette/model'
import type { Meta } from './rule-text.ts'

/** What a YARA rule is, wherever it was found: in a rule file here, or in a finding that came from a host. */
export interface YaraRuleFacts {
  readonly name: string
  readonly file: string
  readonly tags: readonly string[]
  readonly meta: readonly Meta[]
}

/** Points of a match, by severity, where the rule gives no `score`. */
const RISK: Readonly<Record<Severity, number>> = {
  informational: 0,
  low: 15,
  medium: 35,
  high: 60,
  critical: 85,
}
const TECHNIQUE_KEYS = /^(?:techniques?|attack|mitre(?:_?att?a?c?k?)?|mitre_attack|mitre_technique|ttps?)$/i
const TECHNIQUE = /\bT\d{4}(?:\.\d{3})?\b/gi

/**
 * The rule's metadata as every rule tells of itself. Names that are common among authors are understood: `title`,
 * `description`, `severity` (or `score`, 0-100), `techniques` (or `mitre_attack` ...), `author`, `false_positives`,
 * `reference`. Without an `id` file and name make one.
 *
 * @param technique looks one up by its id; one that is unknown keeps the id for its name
 */
export function yaraRuleInfo(
  { name, file, tags, meta }: YaraRuleFacts,
  technique: (id: string) => Technique | undefined = () => undefined,
): RuleInfo {
  const text = (...keys: string[]): string | undefined => {
    const found = meta.find((one) => keys.includes(one.name.toLowerCase()) && String(one.value).trim() !== '')
    return found === undefined ? undefined : String(found.value).trim()
  }
  const score = scoreOf(text('score', 'risk_points'))
  const severity = severityOf(text('severity', 'level', 'threat_level'), score)
  const named = meta.filter((one) => TECHNIQUE_KEYS.test(one.name)).map(({ value }) => String(value))
  const ids = [...new Set([...named, ...tags].flatMap((value) => value.match(TECHNIQUE) ?? []).map(upper))]
  // A tag cannot hold a dot: authors tag the technique and name the sub-technique in the metadata.
  const exact = ids.filter((id) => !ids.some((other) => other.startsWith(`${id}.`)))
  const references = meta.filter((one) => /^references?$/i.test(one.name)).map(({ value }) => String(value))
  const description = text('description', 'desc') ?? ''
  const title = text('title') ?? name.replaceAll('_', ' ')
  const explanation = [description === '' ? title : description, ...references.map((one) => `See ${one}`)]
  const author = text('author')
  const falsePositives = text('false_positives', 'falsepositives', 'falsepositive')
  return {
    id: yaraRuleId({ name, file, meta }),
    title,
    type: 'yara',
    severity,
    explanation: explanation.join('\n'),
    techniques: exact.map((id) => technique(id) ?? { id, name: id, tactics: [] }),
    falsePositives:
      falsePositives === undefined ? [] : falsePositives.split(/;\s*/).filter((one) => one !== ''),
    ...(author === undefined ? {} : { author }),
    riskPoints: score ?? RISK[severity],
    file,
  }
}

/** The rule's `id` (or `uuid`), or one made from its file and name. */
export function yaraRuleId({ name, file, meta }: Pick<YaraRuleFacts, 'name' | 'file' | 'meta'>): RuleId {
  const own = meta.find((one) => /^(?:id|uuid|rule_id)$/i.test(one.name))
  const id = own === undefined ? '' : String(own.value).trim()
  if (id !== '' && id.length <= 100) return id as RuleId
  return createHash('sha256')
    .update(`yara\n${basename(file)}\n${name}`)
    .digest('hex')
    .slice(0, 32) as RuleId
}

function upper(text: string): string {
  return text.toUpperCase()
}

function scoreOf(text: string | undefined): number | undefined {
  const score = Number(text)
  return text !== undefined && Number.isFinite(score) && score >= 0 && score <= 100
    ? Math.round(score)
    : undefined
}

/** A name of a severity; else by the score, as scanners commonly cut it; else medium. */
function severityOf(text: string | undefined, score: number | undefined): Severity {
  const word = text?.toLowerCase() ?? ''
  const exact = severities.find((one) => one === word)
  if (exact !== undefined) return exact
  if (word === 'info') return 'informational'
  const points = score ?? scoreOf(text)
  if (points === undefined) return 'medium'
  if (points >= 90) return 'critical'
  if (points >= 75) return 'high'
  if (points >= 50) return 'medium'
  return points >= 25 ? 'low' : 'informational'
}
