import { z } from 'zod'
import { readKept, writeKept } from '../../kept-file.ts'

/** How far a file has been handed on, and how to know it again. */
export interface Position {
  /** Where it was found; it may have been renamed since. */
  readonly path: string
  readonly device: string
  readonly inode: string
  /** Where the next line begins, bytes. */
  readonly offset: number
  readonly fingerprint: string
}

/** What a collector of files needs in order to go on after a restart. */
export interface SavedPositions {
  /** Patterns that were watched: what matches one of them and has no position appeared meanwhile. */
  readonly patterns: readonly string[]
  /** When, milliseconds since the epoch: files that rotations left are new if they were made later. */
  readonly savedMs: number
  readonly files: readonly Position[]
}

const schema = z.object({
  version: z.literal(1),
  patterns: z.array(z.string().max(4096)).max(256),
  savedMs: z.number(),
  files: z
    .array(
      z.object({
        path: z.string().max(4096),
        device: z.string().max(32),
        inode: z.string().max(32),
        offset: z.int().nonnegative(),
        fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(10_000),
})

/**
 * Reads saved positions; undefined when there are none.
 *
 * @throws {SyntaxError} when the file is not one of them
 */
export async function loadPositions(path: string): Promise<SavedPositions | undefined> {
  const kept = await readKept(path)
  if (kept === undefined) return undefined
  const parsed = schema.safeParse(kept)
  if (!parsed.success) throw new SyntaxError(`Cannot use saved positions ${path}: not what was written there`)
  return parsed.data
}

/** Writes positions so that a crash leaves the old ones or the new ones, whole. On disk once it has resolved. */
export async function savePositions(path: string, positions: SavedPositions): Promise<void> {
  await writeKept(path, { version: 1, ...positions })
}
