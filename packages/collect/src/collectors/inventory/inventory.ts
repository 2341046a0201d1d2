export { inventorySchema } from './config.ts'
export { differences } from './difference.ts'
export { type Inventory, readInventory } from './read/index.ts'
