import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Clock, CodedError } from '@vedette/base'
import {
  contentDirectory,
  IndicatorMatcher,
  loadTechniques,
  ruleOfIndicator,
  techniquesNamed,
} from '@vedette/detect'
import type { ForeignRecord } from '@vedette/formats'
import { readIndicators } from '@vedette/intel'
import {
  compareSeverity,
  type Event,
  type IndicatorFacts,
  indicatorDefaultsSchema,
  type RuleId,
  type RuleInfo,
} from '@vedette/model'
import type { HuntRules } from './hunt-rules.ts'
import { timeOf } from './record-facts.ts'

/** Lists of indicators. Plain data: every worker reads them for itself, and numbers them alike. */
export interface IndicatorFiles {
  readonly paths: readonly string[]
  /** From when on indicators are valid that do not say it, milliseconds since the epoch. */
  readonly nowMs: number
}

/** Indicators that a hunt looks for. */
export interface HuntIndicators {
  readonly size: number
  /** Items of the lists that are no indicators. */
  readonly malformed: number
  /** Indicators that name honest things, such as a private address. */
  readonly suspects: number
  /** Tells the places of all that a record, or an Event, names. */
  search(record: ForeignRecord | Event, tell: (place: number) => void): void
  /** What a match at a place says in the place of a rule. The same object each time. */
  ruleAt(place: number): RuleInfo | undefined
}

const LONGEST_VALUE = 160

/**
 * Reads the lists of a hunt; undefined where it has none.
 *
 * @throws {CodedError} `unreadable-indicators` for a file that cannot be read or is no list
 */
export async function loadHuntIndicators(
  { indicators: files, leastSeverity }: Pick<HuntRules, 'indicators' | 'leastSeverity'>,
  clock: Clock,
): Promise<HuntIndicators | undefined> {
  if (files === undefined) return undefined
  const techniques = await loadTechniques(join(contentDirectory, 'attack', 'techniques.json'))
  // Nobody chose these values to make the table slow, or knows when a hunt runs.
  const matcher = new IndicatorMatcher({ clock, seed: files.nowMs >>> 0 })
  const listed: { readonly facts: IndicatorFacts; readonly source: string; info?: RuleInfo }[] = []
  let malformed = 0
  let suspects = 0
  for (const path of files.paths) {
    const outcome = await read(path, files.nowMs)
    malformed += outcome.malformedCount
    suspects += outcome.suspectCount
    const source = basename(path).slice(0, 100)
    for (const facts of outcome.indicators) {
      if (leastSeverity !== undefined && compareSeverity(facts.severity, leastSeverity) < 0) continue
      // What is known today is sought in what happened before.
      matcher.add({
        ...facts,
        number: listed.length,
        source,
        validFrom: Math.min(facts.validFrom, files.nowMs),
      })
      listed.push({ facts, source })
    }
  }
  return {
    size: listed.length,
    malformed,
    suspects,
    search(record, tell) {
      matcher.search(record, timeOf(record as ForeignRecord) ?? files.nowMs, tell)
    },
    ruleAt(place) {
      const one = listed[place]
      if (!one) return undefined
      if (!one.info) {
        const { facts, source } = one
        const rule = ruleOfIndicator(
          { ...facts, number: place },
          [source],
          techniquesNamed(facts.techniques, techniques),
        )
        const value = facts.value.slice(0, LONGEST_VALUE)
        one.info = {
          ...rule,
          // One for each value, so that reports tell them apart.
          id: `${rule.id}:${value}` as RuleId,
          title: `${rule.title} ${value}, which ${source} lists`,
          file: source,
        }
      }
      return one.info
    },
  }
}

async function read(path: string, now: number): ReturnType<typeof readIndicators> {
  try {
    const text = await readFile(path, 'utf8')
    const defaults = indicatorDefaultsSchema.parse({})
    return await readIndicators(text, { defaults, now, leaveOutSuspects: false })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('unreadable-indicators', `Cannot read indicators of ${path}: ${reason}`)
  }
}
