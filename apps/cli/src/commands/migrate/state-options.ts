import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Secret, silentLogger, systemClock } from '@vedette/base'
import type { StateStoreOptions } from '@vedette/store'
import { Keyring, masterKeySource } from '@vedette/store/keys'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { configure } from '../../up/configure.ts'
import { givenMasterKey, handedMasterKey } from '../../up/master-key.ts'

/** Where the state of a home is kept, by its configuration. Our own PostgreSQL runs as whoever owns its folder. */
export function stateOptions(
  { paths, terminal }: Pick<Invocation, 'paths' | 'terminal'>,
  config?: string,
): StateStoreOptions {
  const loaded = configure(paths, config, terminal.env)
  const { database_url: url } = loaded.values['store'] as { database_url?: string }
  const given = handedMasterKey(terminal.env) ?? givenMasterKey(loaded, terminal.env)
  const keys = Keyring.open({
    folder: join(paths.server, 'keys'),
    master: masterKeySource(paths.server, given),
    clock: systemClock,
  })
  if (url !== undefined) return { url: new Secret(url), log: silentLogger, keys }
  const folder = join(paths.server, 'pg')
  if (!existsSync(folder)) {
    throw new CliError(
      'no-state',
      exitCodes.notFound,
      `There is no state in ${paths.home} that you could read`,
      "Name another folder with --home DIR, or type it as the user who started 'vedette up'",
    )
  }
  const { uid, gid } = statSync(folder)
  return { folder, log: silentLogger, keys, ...(uid !== process.getuid?.() && { uid, gid }) }
}
