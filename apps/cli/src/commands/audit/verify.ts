import type { AuditVerdict } from '@vedette/store'
import { readCheckpoints, type SignedCheckpoint } from '@vedette/store/audit-checkpoint'
import { verifyOwnAudit } from '@vedette/store/verify-audit'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { mustExist } from '../../must-exist.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { type HouseLog, houseLogs } from './logs.ts'

/** Reads the logs themselves, so that it also works while nothing runs. */
export async function verify(
  invocation: Invocation,
  options: { readonly checkpoint?: string },
): Promise<ExitCode> {
  const { style, paths } = invocation
  const kept = options.checkpoint === undefined ? [] : keptIn(options.checkpoint)
  const verdicts: (HouseLog & { readonly verdict: AuditVerdict })[] = []
  const known = houseLogs(paths)
  refuseStrange(kept, known)
  for (const { log, folder } of known) {
    const verdict = await verifyOwnAudit(
      folder,
      kept.filter((one) => one.log === log),
    )
    verdicts.push({ log, folder, verdict })
  }
  const ok = verdicts.every(({ verdict }) => verdict.ok)
  if (invocation.json) {
    printJson(invocation, {
      ok,
      logs: verdicts.map(({ log, folder, verdict }) => ({ log, folder, ...verdict })),
    })
  } else {
    for (const { log, verdict } of verdicts) {
      if (verdict.ok) {
        const { records, lastHash, checkpoints } = verdict
        printLine(
          invocation,
          `${style.good('intact')}  ${log}: ${records} records, ${checkpoints} signed checkpoints, last hash ${lastHash.slice(0, 16)}`,
        )
      } else {
        const { file, line, message, sequence } = verdict.fault
        printLine(
          invocation,
          `${style.bad('altered')}  ${log}: record ${sequence}, ${safe(file)}:${line}: ${safe(message)}`,
        )
      }
    }
  }
  return ok ? exitCodes.ok : exitCodes.verificationFailed
}

function keptIn(file: string): readonly SignedCheckpoint[] {
  mustExist([file])
  let kept: readonly SignedCheckpoint[] = []
  try {
    kept = readCheckpoints(file)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new CliError('bad-checkpoint', exitCodes.usage, error.message)
  }
  if (kept.length > 0) return kept
  throw new CliError('bad-checkpoint', exitCodes.usage, `There is no checkpoint in ${file}`)
}

/** A checkpoint of a log that is not there would be held against nothing: that log may have been deleted. */
function refuseStrange(kept: readonly SignedCheckpoint[], known: readonly HouseLog[]): void {
  const strange = kept.find((one) => !known.some(({ log }) => log === one.log))
  if (strange === undefined) return
  throw new CliError(
    'audit-log-missing',
    exitCodes.verificationFailed,
    `The checkpoint is of the log "${safe(strange.log, 40)}", and that one is not there`,
  )
}
