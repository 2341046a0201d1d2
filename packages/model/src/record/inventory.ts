import type { InventoryEvent } from '../event/inventory.ts'

/** What is there on this host, or what of it is new, gone or another. */
export interface InventoryRecord extends Pick<
  InventoryEvent,
  'activity' | 'inventory_type' | 'item' | 'before' | 'changed' | 'unwatched' | 'count' | 'items'
> {
  readonly source: 'inventory'
  /** When it was looked at, milliseconds since the epoch. */
  readonly timeMs: number
}
