import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Comparison } from './compare.ts'

const differencesSchema = z.strictObject({
  /** Why checks of these kinds are not compared. */
  apart: z.record(z.string(), z.string().min(10)),
  differences: z.array(
    z.strictObject({
      reason: z.string().min(10),
      /** Numbers of checks with a filter, from 1 on, by the name of their case. */
      checks: z.record(z.string(), z.array(z.int().positive()).min(1)),
    }),
  ),
})

export type Differences = z.infer<typeof differencesSchema>

/** What is known to differ from Suricata's cases, and why: `differences.yml`. */
export function readDifferences(): Differences {
  const file = new URL('differences.yml', import.meta.url)
  return differencesSchema.parse(parse(readFileSync(file, 'utf8')))
}

/** Why a check of a case differs; undefined where nothing says that it does. */
export function reasonOf(known: Differences, name: string, check: number): string | undefined {
  return known.differences.find(({ checks }) => checks[name]?.includes(check) === true)?.reason
}

/** `case #2: found 0, not 1`, of each check that differs. */
export function unequal({ name, compared }: Comparison): { readonly check: number; readonly text: string }[] {
  return compared
    .filter(({ found, filter }) => found !== filter.count)
    .map(({ number, found, filter }) => ({
      check: number,
      text: `${name} #${number}: ${found}, not ${filter.count} of ${JSON.stringify(filter.match)}`,
    }))
}
