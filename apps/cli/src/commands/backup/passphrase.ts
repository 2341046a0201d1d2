import { readFileSync, statSync } from 'node:fs'
import { Secret } from '@vedette/base'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import { mustExist } from '../../must-exist.ts'

const VARIABLE = 'VEDETTE_BACKUP_PASSPHRASE'
const SHORTEST = 12

/** What seals a backup: the content of a file, else of the environment; nothing where there is neither. */
export function backupPassphrase(
  keyFile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Secret | undefined {
  const text = keyFile === undefined ? env[VARIABLE] : readKeyFile(keyFile)
  if (text === undefined || text === '') return undefined
  if (text.length >= SHORTEST) return new Secret(text)
  throw new CliError('short-passphrase', exitCodes.usage, `A passphrase has at least ${SHORTEST} characters`)
}

function readKeyFile(file: string): string {
  mustExist([file])
  if ((statSync(file).mode & 0o007) !== 0) {
    throw new CliError('key-file-open', exitCodes.refused, `Everybody may read ${file}`, `chmod 600 ${file}`)
  }
  return readFileSync(file, 'utf8').trim()
}
