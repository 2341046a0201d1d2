import { existsSync } from 'node:fs'
import { CliError } from './cli-error.ts'
import { exitCodes } from './exit-codes.ts'

/** @throws {CliError} `no-such-file` for the first path that leads nowhere: most likely a slip of the fingers */
export function mustExist(paths: readonly string[]): void {
  const missing = paths.find((path) => !existsSync(path))
  if (missing !== undefined) {
    throw new CliError('no-such-file', exitCodes.notFound, `There is no file or folder ${missing}`)
  }
}
