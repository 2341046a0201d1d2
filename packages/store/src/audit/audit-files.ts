import { createReadStream, existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../sync-folder.ts'
import { MAX_LINE_BYTES } from './chain.ts'

const FILE_NAME = /^(\d{12})\.jsonl$/

/** Files of a log, oldest first. A file's name is the sequence of its first record. */
export function auditFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => FILE_NAME.test(name))
    .sort()
    .map((name) => join(folder, name))
}

export function auditFile(folder: string, sequence: number): string {
  return join(folder, `${String(sequence).padStart(12, '0')}.jsonl`)
}

/** One line of a file. */
export interface Line {
  /** 1-based. */
  readonly number: number
  readonly text: string
  /** Where it begins in the file. */
  readonly offset: number
  /** False for what follows the last newline: a write that was cut off or is going on. */
  readonly isWhole: boolean
}

/** Lines of a file, cut to `MAX_LINE_BYTES`, the unfinished one at its end too. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0)
  let offset = 0
  let number = 1
  for await (const chunk of createReadStream(file)) {
    rest = Buffer.concat([rest, chunk as Buffer])
    let end: number
    while ((end = rest.indexOf(0x0a)) !== -1) {
      yield { number, offset, isWhole: true, text: rest.toString('utf8', 0, Math.min(end, MAX_LINE_BYTES)) }
      rest = rest.subarray(end + 1)
      offset += end + 1
      number += 1
    }
    // A line without an end would fill the memory: what is too long is wrong anyway.
    if (rest.length > 4 * MAX_LINE_BYTES) break
  }
  if (rest.length > 0) {
    yield { number, offset, isWhole: false, text: rest.toString('utf8', 0, MAX_LINE_BYTES) }
  }
}

/** How far a log went, kept outside of it: a log whose end was cut off is found by it. */
export interface Checkpoint {
  readonly sequence: number
  readonly hash: string
}

/** Nothing when there is no file; its contents are trusted no further than their shape. */
export function readCheckpoint(file: string): Checkpoint | undefined {
  if (!existsSync(file)) return undefined
  if (statSync(file).size > 4096) throw new SyntaxError(`${file} is not a checkpoint: it is too long`)
  const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<Checkpoint> | null
  if (!Number.isSafeInteger(value?.sequence) || !/^[0-9a-f]{64}$/.test(value?.hash ?? '')) {
    throw new SyntaxError(`${file} is not a checkpoint`)
  }
  return value as Checkpoint
}

/** Replaces the checkpoint and resolves once that is on disk. A crash leaves the old one or the new one, whole. */
export async function writeCheckpoint(file: string, { sequence, hash }: Checkpoint): Promise<void> {
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify({ sequence, hash })}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  renameSync(fresh, file)
  syncFolder(dirname(file))
}
