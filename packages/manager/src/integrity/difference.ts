import { isDeepStrictEqual } from 'node:util'
import type { FileFactName, FileFacts } from '@vedette/model'

/** By turns of the clock alone, or as names of numbers that are told themselves. */
const ASIDE: ReadonlySet<FileFactName> = new Set(['modified_time', 'owner', 'group'])

/**
 * Facts that differ, the telling ones first; none where the file says what it said, be it written anew. A size that follows
 * from the content is told with it.
 */
export function differingFacts(before: FileFacts, after: FileFacts): readonly FileFactName[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)] as FileFactName[])
  const differing = [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]))
  const isTold = differing.some((name) => !ASIDE.has(name))
  if (!isTold) return []
  const telling = differing.filter((name) => !ASIDE.has(name))
  return differing.includes('modified_time') ? [...telling, 'modified_time'] : telling
}

/** Whether it gives who runs it more than they have: setuid, setgid on a program, capabilities. */
export function givesRights({ type, mode, capabilities }: FileFacts): boolean {
  const bits = Number.parseInt(mode, 8)
  return type === 'file' && ((bits & 0o6000) !== 0 || capabilities !== undefined)
}
