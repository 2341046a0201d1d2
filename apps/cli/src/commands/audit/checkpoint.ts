import { openCheckpointKey, type SignedCheckpoint } from '@vedette/store/audit-checkpoint'
import { auditPaths } from '@vedette/store/read-audit'
import { verifyOwnAudit } from '@vedette/store/verify-audit'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printLine, safe } from '../../print.ts'
import { writeFileInOneStep } from '../../up/write-file.ts'
import { houseLogs } from './logs.ts'

/** Signs the end of each log that verifies; what was altered is not signed. */
export async function checkpoint(invocation: Invocation, options: { readonly out?: string }): Promise<void> {
  const { paths, clock, terminal } = invocation
  const signed: SignedCheckpoint[] = []
  for (const { log, folder } of houseLogs(paths)) {
    const verdict = await verifyOwnAudit(folder)
    if (!verdict.ok) {
      throw new CliError(
        'audit-log-altered',
        exitCodes.verificationFailed,
        `The log of the ${log} was altered, so nothing is signed: ${safe(verdict.fault.message)}`,
        "See 'vedette audit verify'",
      )
    }
    const signer = openCheckpointKey(auditPaths(folder).key)
    if (signer === undefined || verdict.records === 0) continue
    const end = { sequence: verdict.records - 1, hash: verdict.lastHash }
    signed.push(signer.sign(log, end, clock.now()))
  }
  if (signed.length === 0) {
    throw new CliError(
      'no-records',
      exitCodes.notFound,
      'There is no record yet that a checkpoint could tell of',
    )
  }
  const lines = signed.map((one) => `${JSON.stringify(one)}\n`).join('')
  if (options.out === undefined) {
    terminal.out(lines)
    return
  }
  writeFileInOneStep(options.out, lines)
  if (invocation.json) terminal.out(lines)
  else {
    for (const { log, sequence, key } of signed) {
      printLine(invocation, `${log}: up to record ${sequence}, signed with the key ${key}`)
    }
    printLine(
      invocation,
      `Keep ${safe(options.out)} on another machine: 'vedette audit verify --checkpoint' takes it`,
    )
  }
}
