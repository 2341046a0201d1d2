import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Secret, silentLogger } from '@vedette/base'
import type { StateStoreOptions } from '@vedette/store'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { configure } from '../../up/configure.ts'

/** Where the state of a home is kept, by its configuration. Our own PostgreSQL runs as whoever owns its folder. */
export function stateOptions(
  { paths, terminal }: Pick<Invocation, 'paths' | 'terminal'>,
  config?: string,
): StateStoreOptions {
  const { values } = configure(paths, config, terminal.env)
  const { database_url: url } = values['store'] as { database_url?: string }
  if (url !== undefined) return { url: new Secret(url), log: silentLogger }
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
  return { folder, log: silentLogger, ...(uid !== process.getuid?.() && { uid, gid }) }
}
