import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'

/** What is counted up on a host: things by which somebody gets in, stays, or becomes root, and what is installed. */
export const inventoryTypes = [
  'setuid_file',
  'cron_job',
  'systemd_unit',
  'init_script',
  'start_file',
  'authorized_key',
  'preloaded_library',
  'kernel_module',
  'module_setting',
  'pam_rule',
  'sudo_rule',
  'package',
  'listening_socket',
  'user',
  'group',
  'kernel',
  'mount',
] as const

export type InventoryType = (typeof inventoryTypes)[number]

/** One thing that is there. */
export interface InventoryItem {
  /** What makes it this one and no other of its type: a path, a name. */
  readonly key: string
  /** What is known of it; names by type, in snake_case. */
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/**
 * OCSF Device Inventory Info (5001): what is there on a host. `collect` says all of one type when it is looked at for the first
 * time, in one or more events; later events say each difference.
 */
export interface InventoryEvent extends EventBase {
  readonly kind: 'inventory'
  readonly class_uid: 5001
  readonly activity: 'collect' | 'add' | 'remove' | 'change'
  readonly inventory_type: InventoryType
  /** For a difference: the thing, as it is now or, removed, as it was. */
  readonly item?: InventoryItem
  /** For a change: the facts before, and which of them differ. */
  readonly before?: InventoryItem['facts']
  readonly changed?: readonly string[]
  /** Whether it became so while nobody watched, between two runs. */
  readonly unwatched?: boolean
  /** For `collect`: how many there are in all, and those of this event, a line each. */
  readonly count?: number
  readonly items?: readonly string[]
}

const factsSchema = z
  .record(z.string().max(64), z.union([z.string().max(8192), z.number(), z.boolean()]))
  .refine((record) => Object.keys(record).length <= 32, 'more than 32 facts')

export const inventoryEventSchema = eventBaseSchema.extend({
  kind: z.literal('inventory'),
  class_uid: z.literal(5001),
  activity: z.enum(['collect', 'add', 'remove', 'change']),
  inventory_type: z.enum(inventoryTypes),
  item: z.object({ key: z.string().max(4096), facts: factsSchema }).optional(),
  before: factsSchema.optional(),
  changed: z.array(z.string().max(64)).max(32).optional(),
  unwatched: z.boolean().optional(),
  count: z.int().nonnegative().optional(),
  items: z.array(z.string().max(8192)).max(1024).optional(),
})
