import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { systemClock } from '@vedette/base'
import { fileCapabilitiesText, readExtendedAttribute, RemoteMounts } from '@vedette/linux'
import type { InventoryItem } from '@vedette/model'
import { type Machine, modeText } from './machine.ts'

export interface SetuidSearch {
  /** Folders that are not looked into. */
  readonly exclude: readonly string[]
  /** Files that are looked at, at most. */
  readonly maxFiles: number
}

const KERNEL_FOLDERS = ['/proc', '/sys', '/dev/pts', '/dev/mqueue']

/**
 * Programs that give who runs them more rights than they have: setuid, setgid, capabilities. Looks at every name of the
 * machine, but for file systems that another machine or a program answers for. Yields before each folder.
 */
export function* setuidFiles(
  machine: Machine,
  { exclude, maxFiles }: SetuidSearch,
): Generator<undefined, InventoryItem[]> {
  const items: InventoryItem[] = []
  const remote = new RemoteMounts(systemClock)
  const passed = new Set([...KERNEL_FOLDERS, ...exclude])
  const folders = ['']
  let files = 0
  for (let folder = folders.pop(); folder !== undefined && files < maxFiles; folder = folders.pop()) {
    if (passed.has(folder) || remote.ofPath(`${machine.root}${folder}`) !== undefined) continue
    yield undefined
    let entries: Dirent[]
    try {
      entries = readdirSync(`${machine.root}${folder}/`, { withFileTypes: true })
    } catch {
      continue
    }
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) folders.push(path)
      else if (entry.isFile()) {
        files += 1
        const item = givingRights(machine, path)
        if (item !== undefined) items.push(item)
      }
    }
  }
  return items.sort((a, b) => (a.key < b.key ? -1 : 1))
}

function givingRights(machine: Machine, path: string): InventoryItem | undefined {
  const place = `${machine.root}${path}`
  const stats = lstatSync(place, { throwIfNoEntry: false, bigint: true })
  // Without a right to run it neither bit nor capability gives anything.
  if (stats === undefined || !stats.isFile() || (stats.mode & 0o111n) === 0n) return undefined
  const value = readExtendedAttribute(place, 'security.capability')
  if ((stats.mode & 0o6000n) === 0n && value === undefined) return undefined
  const capabilities = value && fileCapabilitiesText(value)
  const { owner, group } = machine.names.of(Number(stats.uid), Number(stats.gid))
  return {
    key: path,
    facts: {
      path,
      mode: modeText(stats),
      owner: owner ?? Number(stats.uid),
      group: group ?? Number(stats.gid),
      setuid: (stats.mode & 0o4000n) !== 0n,
      setgid: (stats.mode & 0o2000n) !== 0n,
      ...(capabilities !== undefined && { capabilities }),
      size: Number(stats.size),
      ...machine.packageFacts(path),
    },
  }
}
