import type { FileEvent, FileFactName, FileFacts, FileIntegrity } from '@vedette/model'

/** A file that is not what was known of it. */
export type FileDifference = FileEvent & { readonly integrity: FileIntegrity }

/** One fact of a file, before and after; null where it had or has none. */
export interface FactChange {
  readonly fact: FileFactName
  readonly before: string | null
  readonly after: string | null
}

const LONGEST = 1000
/** Follow from others, or say nothing to a person. */
const QUIET: ReadonlySet<FileFactName> = new Set(['modified_time', 'elf'])

/** What differs, as text; of a new file and of one that is gone nothing, since all of it does. */
export function factChanges({ integrity }: FileDifference): FactChange[] {
  const { changed, before, after, change } = integrity
  if (change !== 'changed') return []
  const told = changed.filter((fact) => !QUIET.has(fact))
  return (told.length > 0 ? told : changed).map((fact) => ({
    fact,
    before: valueText(fact, before),
    after: valueText(fact, after),
  }))
}

function valueText(fact: FileFactName, facts: FileFacts | undefined): string | null {
  const value = facts?.[fact]
  if (value === undefined) return null
  if (fact === 'modified_time') return new Date(Number(value)).toISOString()
  return (typeof value === 'object' ? JSON.stringify(value) : `${value}`).slice(0, LONGEST)
}
