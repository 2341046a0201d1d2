import { type CompiledRule, type LoadOptions, loadRules } from '@vedette/detect'
import type { RuleException, RuleId, RuleText } from '@vedette/model'
import type { ExceptionHits } from '@vedette/store'
import { parse, stringify } from 'yaml'

/** Exceptions from one rule that are counted; more of them hold all the same. */
const MOST_COUNTED = 100
const PREFIX = 'silenced:'

/**
 * How often exceptions kept a rule silent. Beside each rule with an exception the engine gets a second one, which is met by
 * what meets the rule and is taken out by the exception; it gives no detection and only counts.
 */
export class SilenceCounts {
  #counts = new Map<string, ExceptionHits>()

  /** What was counted since the last call. */
  take(): ExceptionHits[] {
    const taken = [...this.#counts.values()]
    this.#counts = new Map()
    return taken
  }

  /** Takes back what `take` gave and what could not be written down. */
  putBack(hits: readonly ExceptionHits[]): void {
    for (const { id, count, first, last } of hits) this.#add(id, count, first, last)
  }

  /**
   * Rules that count for exceptions.
   *
   * @param textOf the file that a rule stands in; undefined where it is not in force
   */
  async rules(
    exceptions: readonly RuleException[],
    textOf: (rule: RuleId) => Promise<RuleText | undefined>,
    options: Pick<LoadOptions, 'content' | 'parameters'>,
  ): Promise<CompiledRule[]> {
    const rounds: { readonly exception: RuleException; readonly rule: RuleId }[][] = []
    const seen = new Map<RuleId, number>()
    for (const exception of exceptions) {
      for (const rule of exception.rules) {
        const round = seen.get(rule) ?? 0
        seen.set(rule, round + 1)
        if (round < MOST_COUNTED) (rounds[round] ??= []).push({ exception, rule })
      }
    }
    const made: CompiledRule[] = []
    // In one round no rule has two: what one exception takes out another one may take out as well.
    for (const round of rounds) {
      const texts = new Map<string, RuleText>()
      for (const { exception, rule } of round) {
        const text = await textOf(rule)
        if (!text) continue
        texts.set(text.file, text)
        texts.set(exception.id, { file: exception.id, text: turnedRound(exception.filter) })
      }
      if (texts.size === 0) continue
      const { rules } = await loadRules([], { ...options, texts: [...texts.values()] })
      for (const { exception, rule } of round) {
        const narrowed = rules.find(({ info }) => info.id === rule)
        if (narrowed) made.push(this.#counter(narrowed, exception.id))
      }
    }
    return made
  }

  #counter(rule: CompiledRule, id: string): CompiledRule {
    return {
      info: { ...rule.info, id: `${PREFIX}${id}:${rule.info.id}` as RuleId },
      parameters: [],
      routes: rule.routes,
      ...(rule.foreign && { foreign: rule.foreign }),
      start: () => ({
        judge: ({ event }) => {
          this.#add(id, 1, event.time, event.time)
          return undefined
        },
      }),
    }
  }

  #add(id: string, count: number, first: number, last: number): void {
    const known = this.#counts.get(id)
    this.#counts.set(
      id,
      known
        ? {
            id,
            count: known.count + count,
            first: Math.min(known.first, first),
            last: Math.max(known.last, last),
          }
        : { id, count, first, last },
    )
  }
}

/** Whether a rule is there only to count. */
export function countsSilence(id: string): boolean {
  return id.startsWith(PREFIX)
}

/** The filter with what it takes out left in, and nothing else. */
function turnedRound(filter: string): string {
  const document = parse(filter) as { readonly filter?: object }
  return stringify({ ...document, filter: { ...document.filter, condition: 'selection' } })
}
