import { join, resolve } from 'node:path'
import { CodedError } from '@vedette/base'
import {
  type GivenMasterKey,
  Keyring,
  keyringStatus,
  masterKeySource,
  writePrivateFile,
} from '@vedette/store/keys'
import type { Invocation } from '../../command.ts'
import type { HomePaths } from '../../home.ts'
import { configure } from '../../up/configure.ts'
import { givenMasterKey, masterKeyAt } from '../../up/master-key.ts'

/**
 * Opens the keys of a home that was just unpacked with their master key, which is not in a backup. A generated one comes back to
 * its place.
 *
 * @returns what the server is to be given of it
 * @throws {CodedError} `master-key-missing`, `master-key-wrong`, `key-refused`, `keyring-damaged`
 */
export function openKeys(
  restored: HomePaths,
  file: string | undefined,
  { terminal, clock }: Invocation,
): GivenMasterKey | undefined {
  const folder = join(restored.server, 'keys')
  const master = keyringStatus(folder)?.master
  if (master === undefined) return undefined
  if (file === undefined && master.from === 'generated') {
    throw new CodedError(
      'master-key-missing',
      `The keys in the backup are wrapped with the master key ${master.id}, which is not in it: name a copy of it ` +
        '(server/keys/master.key) with --master-key-file',
    )
  }
  const given =
    file === undefined
      ? givenMasterKey(configure(restored, undefined, terminal.env), terminal.env)
      : masterKeyAt(
          { master_key: master.from === 'passphrase' ? 'passphrase' : 'file', file: resolve(file) },
          terminal.env,
          'VEDETTE_MASTER',
        )
  if (master.from !== 'generated') {
    Keyring.open({ folder, master: masterKeySource(restored.server, given), clock })
    return given
  }
  if (given?.from === 'key') writePrivateFile(join(folder, 'master.key'), `${given.key}\n`)
  Keyring.open({ folder, master: masterKeySource(restored.server), clock })
  return undefined
}
