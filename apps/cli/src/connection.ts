import { readFileSync } from 'node:fs'
import { type Client, createClient } from '@vedette/client'
import { CliError } from './cli-error.ts'
import { exitCodes } from './exit-codes.ts'
import type { HomePaths } from './home.ts'

/** Where the running instance answers. */
export interface Endpoint {
  readonly url: string
  /** Of `vedette up`. */
  readonly pid: number
}

/** @throws {CliError} `not-running` when no instance runs in that home */
export function readEndpoint(paths: HomePaths): Endpoint {
  const endpoint = parseEndpoint(readOrExplain(paths.endpoint, paths))
  if (endpoint !== undefined) return endpoint
  throw new CliError(
    'endpoint-unreadable',
    exitCodes.failure,
    `Cannot read ${paths.endpoint}: it is not what 'vedette up' writes`,
    "Stop and start 'vedette up'; it writes the file again",
  )
}

/** By hand: a schema would take longer to load than all else that `vedette status` does. */
function parseEndpoint(text: string): Endpoint | undefined {
  try {
    const { url, pid } = JSON.parse(text) as { url?: unknown; pid?: unknown }
    return typeof url === 'string' && /^https?:/.test(url) && Number.isSafeInteger(pid)
      ? { url, pid: pid as number }
      : undefined
  } catch {
    return undefined
  }
}

/** The token with which the commands of this host speak to the server. */
export function readToken(paths: HomePaths): string {
  return readOrExplain(paths.cliToken, paths).trim()
}

/** A client of the running instance. Dispose of it. */
export function connect(paths: HomePaths, options: { readonly retryAttempts?: number } = {}): Client {
  const { url } = readEndpoint(paths)
  return createClient({ url, token: readToken(paths), retryAttempts: options.retryAttempts ?? 0 })
}

function readOrExplain(path: string, paths: HomePaths): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM') {
      throw new CliError(
        'not-allowed',
        exitCodes.refused,
        `Not allowed to read ${path}`,
        "Type the command as the user who started 'vedette up' (with sudo where that was root)",
      )
    }
    throw new CliError(
      'not-running',
      exitCodes.notRunning,
      `Vedette does not run in ${paths.home}`,
      "Start it with 'vedette up', or name its folder with --home DIR or VEDETTE_HOME",
    )
  }
}
