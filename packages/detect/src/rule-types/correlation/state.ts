import { z } from 'zod'
import type { CompiledCorrelation } from './compile.ts'
import type { CorrelationJudge } from './judge.ts'

const VERSION = 1

const entrySchema = z.tuple([
  z.number(),
  z.string(),
  z.int().min(0).max(1000),
  z.union([z.string(), z.number(), z.null()]),
  z.int().min(-1),
  z.array(z.int().min(0)).max(100),
  z.boolean(),
])

const stateSchema = z.object({
  version: z.literal(VERSION),
  /** What hits carry; hits name them by position. */
  items: z.array(z.unknown()),
  correlations: z.array(
    z.object({
      id: z.string(),
      fingerprint: z.string(),
      groups: z.array(
        z.object({
          key: z.string(),
          newest: z.number(),
          level: z.number(),
          firedAt: z.number().nullable(),
          fired: z.number(),
          firedBy: z.array(z.tuple([z.string(), z.number()])).max(16),
          entries: z.array(entrySchema),
        }),
      ),
    }),
  ),
})

/** What became of saved state. */
export interface RestoredState {
  /** Correlations whose state was taken up. */
  readonly restored: number
  /** What was not, and why: ids of correlations, or an empty id for all of it. */
  readonly dropped: readonly { readonly id: string; readonly reason: string }[]
}

interface Stateful<T> {
  readonly correlation: CompiledCorrelation
  readonly judge: CorrelationJudge<T>
}

/** The state of correlations as JSON in UTF-8. */
export function saveState<T>(running: readonly Stateful<T>[]): Uint8Array {
  const items: T[] = []
  const positions = new Map<T, number>()
  const itemOf = (item: T): number => {
    const known = positions.get(item)
    if (known !== undefined) return known
    positions.set(item, items.length)
    return items.push(item) - 1
  }
  const correlations = running.map(({ correlation, judge }) => ({
    id: correlation.info.id,
    fingerprint: correlation.fingerprint,
    groups: judge.save(itemOf),
  }))
  return new TextEncoder().encode(JSON.stringify({ version: VERSION, items, correlations }))
}

/** Gives saved state back to correlations that mean what they meant. Never throws. */
export function restoreState<T>(running: readonly Stateful<T>[], bytes: Uint8Array): RestoredState {
  let state: z.output<typeof stateSchema>
  try {
    state = stateSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 200) : String(error)
    return { restored: 0, dropped: [{ id: '', reason: `the saved state cannot be read: ${reason}` }] }
  }
  const byId = new Map<string, Stateful<T>>(running.map((one) => [one.correlation.info.id, one]))
  const dropped: { id: string; reason: string }[] = []
  let restored = 0
  for (const { id, fingerprint, groups } of state.correlations) {
    const own = byId.get(id)
    if (!own) dropped.push({ id, reason: 'there is no such correlation any more' })
    else if (own.correlation.fingerprint !== fingerprint) {
      dropped.push({ id, reason: 'the correlation means something else now' })
    } else {
      own.judge.restore(groups, (position) => state.items[position] as T | undefined)
      restored += 1
    }
  }
  return { restored, dropped }
}
