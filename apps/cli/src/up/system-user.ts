import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findUser } from '@vedette/linux'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Owner } from './home-folder.ts'

/** The user that the server and its stores run as when `vedette up` is started by root. */
export const SYSTEM_USER = 'vedette'

const NO_LOGIN = '/usr/sbin/nologin'

/** Ways to make a system user without a home and without a login: shadow's, Debian's, BusyBox's. First that is there. */
const MAKERS: readonly (readonly [string, ...string[]])[] = [
  [
    'useradd',
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    NO_LOGIN,
  ],
  ['adduser', '--system', '--group', '--no-create-home', '--home', '/nonexistent', '--shell', NO_LOGIN],
  ['adduser', '-S', '-D', '-H', '-h', '/nonexistent', '-s', '/sbin/nologin'],
]

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The system user `vedette`, made when it is missing. Root only.
 *
 * @throws {CliError} `no-system-user` when it cannot be made; the message says what to type
 */
export async function ensureSystemUser(name: string = SYSTEM_USER): Promise<Owner> {
  const found = findUser(name)
  if (found) return refuseRoot(found, name)
  const reasons: string[] = []
  for (const [program, ...args] of MAKERS) {
    try {
      await promisify(execFile)(program, [...args, name], { env: { PATH }, timeout: 10_000 })
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string }
      if (code !== 'ENOENT') reasons.push(`${program}: ${stderr?.trim() || String(code)}`)
    }
    const made = findUser(name)
    if (made) return refuseRoot(made, name)
  }
  throw new CliError(
    'no-system-user',
    exitCodes.failure,
    `Cannot make the system user ${name}, which the server runs as${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`,
    `Make it by hand (useradd --system ${name}), or start 'vedette up' as an ordinary user`,
  )
}

function refuseRoot(owner: Owner, name: string): Owner {
  if (owner.uid !== 0) return owner
  throw new CliError(
    'no-system-user',
    exitCodes.failure,
    `The user ${name} has uid 0, and the server must not run as root`,
    `Give it another uid in /etc/passwd`,
  )
}
