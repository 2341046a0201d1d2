import { type ChildProcess, spawn } from 'node:child_process'
import { realpathSync, statSync } from 'node:fs'
import { launchCommand } from '@vedette/linux'
import type { GivenMasterKey } from '@vedette/store/keys'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { HomePaths } from '../../home.ts'
import { configure } from '../../up/configure.ts'
import { GIVEN_MASTER_KEY, givenMasterKey } from '../../up/master-key.ts'
import { findProgramFiles } from '../../up/program-files.ts'

/**
 * Starts another command of ours as whoever the server's folder belongs to, who alone may run PostgreSQL on it; that folder
 * is within its reach wherever it lies.
 *
 * @param given master key in place of the configured one
 */
export function startAsServer(
  paths: HomePaths,
  args: readonly string[],
  stdio: 'inherit' | readonly ['pipe' | 'ignore', 'pipe' | 'ignore', 'pipe'],
  given?: GivenMasterKey,
): ChildProcess {
  const main = realpathSync(process.argv[1] ?? '')
  const command = [process.execPath, main, ...args, '--home', paths.home] as const
  const { uid, gid } = statSync(paths.server)
  const isOther = process.getuid?.() === 0 && uid !== 0
  const { file, args: rest } = isOther
    ? launchCommand(
        {
          user: { uid, gid },
          capabilities: [],
          reachable: [...findProgramFiles().roots, realpathSync(paths.server)],
          noNewPrivileges: true,
          umask: 0o077,
          workingDirectory: '/',
        },
        [...command],
      )
    : { file: command[0], args: command.slice(1) }
  // Its configuration lies out of that one's reach.
  const config = configure(paths, undefined, process.env)
  const { database_url: url } = config.values['store'] as { database_url?: string }
  const masterKey = given ?? givenMasterKey(config, process.env)
  const env = {
    ...process.env,
    ...(url !== undefined && { DATABASE_URL: url }),
    ...(masterKey && { [GIVEN_MASTER_KEY]: JSON.stringify(masterKey) }),
  }
  return spawn(file, [...rest], { env, stdio: stdio === 'inherit' ? 'inherit' : [...stdio] })
}

/** Waits for its end. @throws {CliError} `state-failed` with what it said */
export async function ended(child: ChildProcess, what: string): Promise<void> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve(status))
  })
  if (code !== 0) {
    throw new CliError(
      'state-failed',
      exitCodes.failure,
      `Cannot ${what}: ${said.trim() || `exit code ${code}`}`,
    )
  }
}
