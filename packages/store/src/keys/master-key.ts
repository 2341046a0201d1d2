import type { Secret } from '@vedette/base'
import { CodedError } from '@vedette/base'
import { keyOfText, readKeyFile } from './key-file.ts'
import { keyOfPassphrase, newPassphraseCost, type PassphraseCost } from './passphrase.ts'
import { SealingKey } from './sealing-key.ts'

/** Where the key comes from that all others are wrapped with. */
export type MasterKeySource =
  /** A file beside them (0600, 64 hex digits), made with the first of them. */
  | { readonly from: 'generated'; readonly file: string }
  /** 64 hex digits, of a file elsewhere or of the environment. */
  | { readonly from: 'key'; readonly key: Secret }
  | { readonly from: 'passphrase'; readonly passphrase: Secret }

export type MasterKeyKind = MasterKeySource['from']

const SHORTEST_PASSPHRASE = 12

/** A master key, with what has to be kept to make it of a passphrase again. */
export interface MasterKey {
  readonly key: SealingKey
  readonly cost?: PassphraseCost
}

/**
 * Reads the master key, or makes it of the passphrase.
 *
 * @param cost as it was kept; left out, a new one is made
 * @throws {CodedError} `master-key-missing`, `key-refused`
 */
export function readMasterKey(source: MasterKeySource, cost?: PassphraseCost): MasterKey {
  if (source.from === 'passphrase') {
    if (source.passphrase.reveal().length < SHORTEST_PASSPHRASE) {
      throw new CodedError(
        'key-refused',
        `The passphrase of the master key has less than ${SHORTEST_PASSPHRASE} characters`,
      )
    }
    const made = cost ?? newPassphraseCost()
    return { key: sealingKey(keyOfPassphrase(source.passphrase, made)), cost: made }
  }
  if (source.from === 'key') {
    const key = keyOfText(source.key.reveal())
    if (key === undefined)
      throw new CodedError('key-refused', 'The master key that was given is none: expected 64 hex digits')
    return { key: sealingKey(key) }
  }
  const key = readKeyFile(source.file)
  if (key === undefined) {
    throw new CodedError(
      'master-key-missing',
      `The master key is not there: put ${source.file} back from where a copy of it is kept; until then nothing is started ` +
        'and nothing is changed',
    )
  }
  return { key: sealingKey(key) }
}

function sealingKey(secret: Buffer): SealingKey {
  try {
    return new SealingKey(secret)
  } finally {
    secret.fill(0)
  }
}
