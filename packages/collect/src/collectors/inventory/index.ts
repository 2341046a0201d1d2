import type { CollectorKind } from '../../collector.ts'
import { InventoryCollector } from './collector.ts'
import { type InventoryConfig, inventorySchema } from './config.ts'

/** What is there on this host, and what becomes of it. */
export const inventory: CollectorKind<InventoryConfig> = {
  name: 'inventory',
  description:
    'what is there: setuid files, jobs, units, keys, modules, rules, packages, sockets, accounts, mounts',
  schema: inventorySchema,
  // Whatever cannot be read is not there.
  probe: async () => ({ usable: true, blindSpots: [] }),
  open: async (config, context) => new InventoryCollector(config, context),
}
