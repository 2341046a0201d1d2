import { z } from 'zod'
import type { SavedGroup } from './grouped-window.ts'

const VERSION = 2

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
  windows: z.array(
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

/** A window whose content lasts through a restart. */
export interface Stateful<T> {
  /** Of the rule; where a rule has several windows, with a name behind it. */
  readonly id: string
  /** Tells state of this rule from that of one that means something else. */
  readonly fingerprint: string
  /** @param itemOf gives what a hit carries its number */
  save(itemOf: (item: T) => number): readonly SavedGroup[]
  /** Into an empty window. */
  restore(saved: readonly SavedGroup[], item: (number: number) => T | undefined): void
}

/** What became of saved state. */
export interface RestoredState {
  /** Windows whose state was taken up. */
  readonly restored: number
  /** What was not, and why: ids of windows, or an empty id for all of it. */
  readonly dropped: readonly { readonly id: string; readonly reason: string }[]
}

/** The content of windows as JSON in UTF-8. */
export function saveState<T>(windows: readonly Stateful<T>[]): Uint8Array {
  const items: T[] = []
  const numbers = new Map<T, number>()
  const itemOf = (item: T): number => {
    const known = numbers.get(item)
    if (known !== undefined) return known
    numbers.set(item, items.length)
    return items.push(item) - 1
  }
  const saved = windows
    .map((window) => ({ id: window.id, fingerprint: window.fingerprint, groups: window.save(itemOf) }))
    .filter(({ groups }) => groups.length > 0)
  return new TextEncoder().encode(JSON.stringify({ version: VERSION, items, windows: saved }))
}

/** Gives saved state back to windows that mean what they meant. Never throws. */
export function restoreState<T>(windows: readonly Stateful<T>[], bytes: Uint8Array): RestoredState {
  let state: z.output<typeof stateSchema>
  try {
    state = stateSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 200) : String(error)
    return { restored: 0, dropped: [{ id: '', reason: `the saved state cannot be read: ${reason}` }] }
  }
  const byId = new Map(windows.map((window) => [window.id, window]))
  const dropped: { id: string; reason: string }[] = []
  let restored = 0
  for (const { id, fingerprint, groups } of state.windows) {
    const own = byId.get(id)
    if (!own) dropped.push({ id, reason: 'there is no such rule any more' })
    else if (own.fingerprint !== fingerprint) {
      dropped.push({ id, reason: 'the rule means something else now' })
    } else {
      own.restore(groups, (number) => state.items[number] as T | undefined)
      restored += 1
    }
  }
  return { restored, dropped }
}
