import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditPaths } from '@vedette/store/audit'
import { readCheckpoints, type SignedCheckpoint } from '@vedette/store/audit-checkpoint'
import { verifyOwnAudit } from '@vedette/store/verify-audit'

type Random = () => number

/** What somebody who may write everything does to the lines of a log; `at` is never the last line. */
const alterations: Readonly<Record<string, (lines: string[], at: number) => string[]>> = {
  edit: (lines, at) => lines.with(at, (lines[at] ?? '').replace('"actor":"ann"', '"actor":"eve"')),
  delete: (lines, at) => lines.toSpliced(at, 1),
  reorder: (lines, at) => lines.with(at, lines[at + 1] ?? '').with(at + 1, lines[at] ?? ''),
  repeat: (lines, at) => lines.toSpliced(at, 0, lines[at] ?? ''),
  cut: (lines, at) => lines.slice(0, at),
}

export interface Altered {
  readonly tried: number
  readonly missed: number
}

/**
 * Alters copies of a log, each in one way at one place. What lies beside it is altered with it where that hides it: the mark
 * and the signed checkpoints after a cut are gone, so that only one kept elsewhere knows.
 */
export async function alter(
  folder: string,
  scratch: string,
  kept: readonly SignedCheckpoint[],
  times: number,
  random: Random,
): Promise<Altered> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
  const whole = files
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('')
    .trimEnd()
    .split('\n')
  // Only what people did has an actor to be changed.
  const places = whole.flatMap((line, at) =>
    line.includes('"actor":"ann"') && at + 1 < whole.length ? [at] : [],
  )
  const { checkpoints, key } = auditPaths(folder)
  // A writer that is killed early has signed none yet.
  const signed = existsSync(checkpoints) ? readCheckpoints(checkpoints) : []
  let tried = 0
  let missed = 0
  for (const [name, change] of Object.entries(alterations)) {
    for (let time = 0; time < times; time += 1) {
      const copy = join(scratch, 'copy')
      rmSync(scratch, { recursive: true, force: true })
      cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') })
      for (const file of files.slice(1)) rmSync(join(copy, file))
      const at = places[Math.floor(random() * places.length)] ?? 0
      const lines = change(whole, at)
      writeFileSync(join(copy, files[0] ?? ''), lines.map((line) => `${line}\n`).join(''))
      cpSync(key, auditPaths(copy).key)
      const isCut = name === 'cut'
      const beside = signed.filter(({ sequence }) => !isCut || sequence < at)
      writeFileSync(auditPaths(copy).checkpoints, beside.map((one) => `${JSON.stringify(one)}\n`).join(''))
      if (!isCut) cpSync(auditPaths(folder).checkpoint, auditPaths(copy).checkpoint)
      tried += 1
      if ((await verifyOwnAudit(copy, isCut ? kept : [])).ok) missed += 1
    }
  }
  // A checkpoint that nobody signed stands for a shorter log.
  const copy = join(scratch, 'copy')
  rmSync(scratch, { recursive: true, force: true })
  cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') })
  cpSync(auditPaths(folder).key, auditPaths(copy).key)
  const forged = kept.map((one) => ({ ...one, time: one.time + 1 }))
  tried += 1
  if ((await verifyOwnAudit(copy, forged)).ok) missed += 1
  return { tried, missed }
}
