import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditVerdict } from '@vedette/store'
import { verifyAudit } from '@vedette/store/verify-audit'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import type { HomePaths } from '../../home.ts'
import { printJson, printLine, safe } from '../../print.ts'

interface LogVerdict {
  readonly log: 'agent' | 'server'
  readonly folder: string
  readonly verdict: AuditVerdict
}

/** Reads the logs themselves, so that it also works while nothing runs. */
export async function verify(invocation: Invocation): Promise<ExitCode> {
  const { style, paths } = invocation
  const verdicts: LogVerdict[] = []
  for (const [log, folder] of auditFolders(paths)) {
    // Beside the folder lies the mark of how far the log went: it tells of an end that was cut off.
    const checkpoint = `${folder}-checkpoint`
    const options = existsSync(checkpoint) ? { checkpoint } : {}
    verdicts.push({ log, folder, verdict: await verifyAudit(folder, options) })
  }
  if (verdicts.length === 0) {
    throw new CliError(
      'no-audit-log',
      exitCodes.notFound,
      `There is no audit log in ${paths.home} yet`,
      'Name another folder with --home DIR',
    )
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
        const { records, lastHash } = verdict
        printLine(
          invocation,
          `${style.good('intact')}  ${log}: ${records} records, last hash ${lastHash.slice(0, 16)}`,
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

/** The folders of the logs that were ever begun. */
function auditFolders(paths: HomePaths): (readonly ['agent' | 'server', string])[] {
  const all = [
    ['agent', join(paths.agent, 'audit')],
    ['server', join(paths.server, 'audit')],
  ] as const
  return all.filter(([, folder]) => exists(folder))
}

/** @throws {CliError} `not-allowed` when who asks may not know */
function exists(folder: string): boolean {
  try {
    return statSync(folder, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    throw new CliError(
      'not-allowed',
      exitCodes.refused,
      `Not allowed to read ${folder}`,
      "Type the command as the user who started 'vedette up' (with sudo where that was root)",
    )
  }
}
