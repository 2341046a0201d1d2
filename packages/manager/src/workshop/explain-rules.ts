import { contentDirectory, type Parameters, type RuleExplanation, RuleReader, rulesIn } from '@vedette/detect'
import type { RuleText } from '@vedette/model'
import type { NumberedRecord } from './numbered-records.ts'

/** A rule, and why a record meets it or does not. */
export interface ExplainedRule {
  readonly id: string
  readonly title: string
  readonly explanation: RuleExplanation
}

const MOST = 200

/**
 * Explains every rule with a detection in some files, for one record; at most 200.
 *
 * @param options.id only this rule
 * @param options.filters Sigma filters that are for the rules
 */
export async function explainRules(
  texts: readonly RuleText[],
  { event, record, source }: Pick<NumberedRecord, 'event' | 'record' | 'source'>,
  options: {
    readonly id?: string | undefined
    readonly filters?: readonly RuleText[]
    readonly parameters?: Parameters
    readonly content?: string
  } = {},
): Promise<ExplainedRule[]> {
  const reader = await RuleReader.open(options.content ?? contentDirectory, options.parameters)
  const explained: ExplainedRule[] = []
  for (const text of texts) {
    for (const { id, title } of rulesIn(text)) {
      if (options.id !== undefined && options.id !== id) continue
      const sheet = reader.read(text, id, options.filters)
      if (!sheet) continue
      const explanation = event ? sheet.explainEvent(event) : sheet.explainRecord(record, source)
      explained.push({ id, title, explanation })
      if (explained.length >= MOST) return explained
    }
  }
  return explained
}
