import { silentLogger } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { openStateStore } from '../state/open-state-store.ts'

/**
 * Stores tokens until it is killed, and says how many are acknowledged. Arguments: folder, uid and gid as JSON, how many
 * there are.
 */
const [folder = '', runAs = '{}', first = '0'] = process.argv.slice(2)
const store = await openStateStore({
  folder,
  log: silentLogger,
  ...(JSON.parse(runAs) as { uid?: number; gid?: number }),
})
const { apiTokens } = store.of('house' as TenantId)
for (let count = Number(first) + 1; ; count += 1) {
  await apiTokens.put(
    `hash-${count}`,
    { id: `id-${count}`, name: `name-${count}`, role: 'viewer' },
    Date.now(),
  )
  process.stdout.write(`${count}\n`)
}
