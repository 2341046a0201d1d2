import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '@vedette/base'
import { keyringStatus, type KeyringStatus } from '@vedette/store/keys'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { HomePaths } from '../../home.ts'

/** A part of the home that has keys. */
export interface Ring {
  readonly part: 'server' | 'agent'
  /** Folder of the part; its keys are in `keys`. */
  readonly home: string
  readonly status: KeyringStatus
}

/** The keyrings that are there. */
export function ringsOf(paths: HomePaths): Ring[] {
  return (['server', 'agent'] as const).flatMap((part) => {
    const home = paths[part]
    if (!existsSync(home)) return []
    const status = refusing(() => keyringStatus(join(home, 'keys')))
    return status === undefined ? [] : [{ part, home, status }]
  })
}

/** Does something with keys; what is wrong with them ends the command. */
export function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CodedError) || error instanceof CliError) throw error
    throw new CliError(error.code, exitCodes.refused, error.message)
  }
}
