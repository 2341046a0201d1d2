import { isDeepStrictEqual } from 'node:util'
import type { InventoryItem, InventoryRecord, InventoryType } from '@vedette/model'
import type { Inventory } from './read/index.ts'

type Told = Omit<InventoryRecord, 'source' | 'timeMs' | 'unwatched'>

/** Lines of a `collect` record. */
const MOST_LINES = 400
/** Longest line. */
const MOST_LETTERS = 2000

/** All of one type, in records of some hundred lines each. */
export function whole(type: InventoryType, items: readonly InventoryItem[]): Told[] {
  const lines = items.map(({ key, facts }) => {
    const said = Object.entries(facts)
      // What the key says need not be said again.
      .filter(([, value]) => typeof value !== 'string' || value.length < 3 || !key.includes(value))
      .map(([name, value]) => `${name}=${value}`)
    return [key, ...said].join(' ').slice(0, MOST_LETTERS)
  })
  const parts = Math.max(1, Math.ceil(lines.length / MOST_LINES))
  return Array.from({ length: parts }, (_, part) => ({
    activity: 'collect',
    inventory_type: type,
    count: items.length,
    items: lines.slice(part * MOST_LINES, (part + 1) * MOST_LINES),
  }))
}

/** What is new, gone or another since; all of a type that was not looked at before. */
export function differences(before: Inventory, after: Inventory): Told[] {
  return [...after].flatMap(([type, items]): Told[] => {
    const known = before.get(type)
    if (known === undefined) return whole(type, items)
    const old = new Map(known.map((item) => [item.key, item]))
    const told: Told[] = []
    for (const item of items) {
      const was = old.get(item.key)
      old.delete(item.key)
      if (was === undefined) told.push({ activity: 'add', inventory_type: type, item })
      else {
        const changed = changedFacts(was.facts, item.facts)
        if (changed.length > 0)
          told.push({ activity: 'change', inventory_type: type, item, before: was.facts, changed })
      }
    }
    for (const item of old.values()) told.push({ activity: 'remove', inventory_type: type, item })
    return told
  })
}

function changedFacts(before: InventoryItem['facts'], after: InventoryItem['facts']): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  )
}
