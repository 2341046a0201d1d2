import { resolve } from 'node:path'
import { inventorySchema, readInventory } from '@vedette/collect/inventory'
import type { InventoryItem, InventoryType } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { count } from '../../format/quantity.ts'
import { mustExist } from '../../must-exist.ts'
import { printJson, printLine, safe } from '../../print.ts'

/** Things of one kind that are told one by one where all kinds are. */
const MOST_TOLD = 20

export interface InventoryFlags {
  readonly only?: InventoryType
  readonly root?: string
}

export async function inventory(invocation: Invocation, { only, root }: InventoryFlags): Promise<void> {
  if (root !== undefined) mustExist([root])
  const { exclude, max_files: maxFiles } = inventorySchema.parse({})
  const found = readInventory({
    exclude,
    maxFiles,
    ...(only !== undefined && { types: [only] }),
    ...(root !== undefined && { root: resolve(root) }),
  })
  if (invocation.json) {
    printJson(invocation, Object.fromEntries(found))
    return
  }
  const { style } = invocation
  let isFirst = true
  for (const [type, items] of found) {
    if (!isFirst) printLine(invocation)
    isFirst = false
    printLine(invocation, style.bold(`${type} ${style.dim(count(items.length))}`))
    const told = only === undefined ? items.slice(0, MOST_TOLD) : items
    for (const item of told) printLine(invocation, `  ${lineOf(item)}`)
    if (items.length === 0) printLine(invocation, style.dim('  none'))
    const more = items.length - told.length
    if (more > 0) printLine(invocation, style.dim(`  and ${count(more)} more: --only ${type}`))
  }
}

/** `/usr/bin/su  mode=4755 owner=root package=login`. What the key says, and sums, need not be said. */
function lineOf({ key, facts }: InventoryItem): string {
  const said = Object.entries(facts).filter(
    ([name, value]) =>
      name !== 'sha256' && !(typeof value === 'string' && (value === '' || key.includes(value))),
  )
  return `${safe(key, 200)}  ${said.map(([name, value]) => `${name}=${safe(`${value}`, 120)}`).join(' ')}`.trimEnd()
}
