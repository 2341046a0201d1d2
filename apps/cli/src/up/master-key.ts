import { CodedError } from '@vedette/base'
import type { LoadedConfig } from '@vedette/manager/config'
import {
  type EncryptionConfig,
  type GivenMasterKey,
  givenMasterKeySchema,
  keyOfText,
  readPrivateFile,
} from '@vedette/store/keys'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where a master key is to be had. */
export type MasterKeyPlace = Pick<EncryptionConfig, 'master_key' | 'file'>

/**
 * What the parts are given of the master key; nothing where each has a generated one.
 *
 * @throws {CliError} `master-key-missing`, `key-refused`
 */
export function givenMasterKey(
  { values }: Pick<LoadedConfig, 'values'>,
  env: Environment,
): GivenMasterKey | undefined {
  return masterKeyAt(values['encryption'] as EncryptionConfig, env, 'VEDETTE_MASTER')
}

/** @param prefix of the variables: `VEDETTE_MASTER` for `VEDETTE_MASTER_KEY` and `VEDETTE_MASTER_PASSPHRASE` */
export function masterKeyAt(
  { master_key: from, file }: MasterKeyPlace,
  env: Environment,
  prefix: string,
): GivenMasterKey | undefined {
  if (from === 'generated') return undefined
  if (from === 'environment') {
    return { from: 'key', key: required(env[`${prefix}_KEY`], `${prefix}_KEY is not set`) }
  }
  if (from === 'passphrase') {
    const passphrase = file === undefined ? env[`${prefix}_PASSPHRASE`] : contentOf(file)
    const missing = file === undefined ? `${prefix}_PASSPHRASE is not set` : `there is no file ${file}`
    return { from: 'passphrase', passphrase: required(passphrase, missing) }
  }
  const key = required(contentOf(file), `there is no file ${file ?? ''}`)
  if (keyOfText(key) !== undefined) return { from: 'key', key }
  throw refused('key-refused', `${file ?? ''} holds no key: expected 64 hex digits`)
}

function contentOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    return readPrivateFile(file)?.toString('utf8').trim()
  } catch (error) {
    if (error instanceof CodedError) throw refused(error.code, error.message)
    throw error
  }
}

function required(text: string | undefined, why: string): string {
  if (text !== undefined && text !== '') return text
  throw refused('master-key-missing', `The master key is not there: ${why}; nothing was started or changed`)
}

function refused(code: string, message: string): CliError {
  return new CliError(code, exitCodes.refused, message, "See encryption.master_key in 'vedette config show'")
}

/** Variable in which a command hands it to another one that it starts as another user. */
export const GIVEN_MASTER_KEY = 'VEDETTE_GIVEN_MASTER_KEY'

/** What such a command was handed. */
export function handedMasterKey(env: Environment): GivenMasterKey | undefined {
  const text = env[GIVEN_MASTER_KEY]
  return text === undefined ? undefined : givenMasterKeySchema.parse(JSON.parse(text))
}
