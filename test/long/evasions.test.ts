import { needsRoot } from '@vedette/base/testing/needs-root'
import { describe, expect, test } from 'vitest'
import { type Cell, evasions, tiers } from '../../docs/guide/evasions.ts'
import { watchActs } from './watch-acts.ts'

needsRoot()

describe('what the guide says of evasions', () => {
  test.each(tiers)('holds with %s', async (tier) => {
    const seen = await watchActs(tier)
    const said: Record<string, Cell> = {}
    const found: Record<string, Cell> = {}
    for (const { act, sees, rules, tiers: cells } of evasions) {
      const cell = cells[tiers.indexOf(tier)] as Cell
      if (cell === 'perhaps') continue
      const of = seen.get(act)
      said[act] = cell
      found[act] = rules.some((rule) => of?.rules.has(rule))
        ? 'alert'
        : sees(of?.events ?? [])
          ? 'event'
          : 'no'
    }
    expect(found).toEqual(said)
  })
})
