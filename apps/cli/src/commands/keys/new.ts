import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeKeyFile } from '@vedette/store/keys'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printJson, printLine, safe } from '../../print.ts'

export function newMasterKey(invocation: Invocation, _options: object, name: string): Promise<void> {
  const file = resolve(name)
  if (existsSync(file)) {
    throw new CliError('file-exists', exitCodes.refused, `${file} is there already`, 'Name another file')
  }
  writeKeyFile(file).fill(0)
  if (invocation.json) printJson(invocation, { file })
  else {
    printLine(invocation, `${safe(file)} holds a new master key (0600)`)
    printLine(
      invocation,
      `'vedette keys rotate --master --to file --file ${safe(file)}' puts it to use; keep a copy elsewhere`,
    )
  }
  return Promise.resolve()
}
