import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TenantId } from '@vedette/model'
import { type PersonNames, type RowCounts, wordPattern } from '@vedette/store'
import type { Holding } from '@vedette/store/erasure-proof'
import type { Services } from '../services.ts'

/** Larger files are looked at up to here. */
const MAX_FILE_BYTES = 64 << 20
/** What the stores look through themselves. */
const STORES = new Set(['pg', 'events', 'audit'])
const AUDIT_WHY =
  'the audit log is a chain in which each record holds the hash of the one before: none can be taken out or changed; ' +
  'it says who did what in Vedette, and is read by auditors alone'
const BACKUP_WHY =
  'a backup that was made before is a sealed file elsewhere: delete it, or erase again after it is restored'
const SPOOL_WHY =
  'what waits on the disk of a host is sealed there and comes when the host is connected; erase again then'
const FILE_WHY =
  'written anew within a minute of work, or with the next start, without what is gone from the stores'

/** Something to look for in files and in the audit log, as a word of its own. */
export function finderOf(names: PersonNames): RegExp {
  return new RegExp(wordPattern(names), 'i')
}

export function rowHoldings(counts: RowCounts, fate: Holding['fate']): Holding[] {
  return [...counts].map(([what, count]) => ({ store: 'state', what, count, fate, why: '' }))
}

/** What lies outside of the stores that rows can be deleted from. */
export async function keptElsewhere(
  services: Services,
  names: RegExp,
  tenants: readonly TenantId[],
): Promise<Holding[]> {
  const kept: Holding[] = []
  let records = 0
  for await (const record of services.auditLog.records()) if (names.test(JSON.stringify(record))) records += 1
  if (records > 0)
    kept.push({ store: 'audit', what: 'records', count: records, fate: 'keep', why: AUDIT_WHY })
  for (const [what, count] of await filesNaming(services.home, names)) {
    kept.push({ store: 'files', what, count, fate: 'keep', why: FILE_WHY })
  }
  for (const tenant of tenants) {
    for (const { id, report } of await services.state.of(tenant).hosts.list()) {
      if (report.spooled === 0) continue
      const waiting = { store: 'agents', what: `batches in the spool of ${id}`, count: report.spooled }
      kept.push({ ...waiting, fate: 'keep', why: SPOOL_WHY })
    }
  }
  kept.push({ store: 'backups', what: 'backups made before', count: -1, fate: 'keep', why: BACKUP_WHY })
  return kept
}

/** Files of the server's folder that hold a name, with the number of lines that do. */
async function filesNaming(home: string, names: RegExp): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const inside = path.slice(home.length + 1)
    if (!entry.isFile() || STORES.has(inside.split('/')[0] ?? '')) continue
    try {
      if ((await stat(path)).size > MAX_FILE_BYTES) continue
      const lines = (await readFile(path, 'latin1')).split('\n').filter((line) => names.test(line)).length
      if (lines > 0) found.set(inside, lines)
    } catch (error) {
      // Replaced meanwhile by its newer self, which is looked at where it is listed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return found
}
