import { readRecords } from '@vedette/manager/hunt'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { mustExist } from '../../must-exist.ts'
import { safe } from '../../print.ts'

/** Always NDJSON: it is made for programs. */
export async function records(
  { terminal, signal, json }: Invocation,
  _options: object,
  paths: readonly string[],
): Promise<ExitCode> {
  mustExist(paths)
  let read = 0
  let unreadable = 0
  for await (const part of readRecords(paths, signal)) {
    if (part.lines !== '') terminal.out(part.lines)
    read += part.records
    for (const { file, offset, reason } of part.unreadable) {
      unreadable += 1
      if (json) terminal.err(`${JSON.stringify({ unreadable: { file, offset: offset ?? null, reason } })}\n`)
      else
        terminal.err(
          `unreadable: ${safe(file)}${offset === undefined ? '' : `, byte ${offset}`}: ${safe(reason)}\n`,
        )
    }
  }
  return read === 0 && unreadable > 0 ? exitCodes.failure : exitCodes.ok
}
