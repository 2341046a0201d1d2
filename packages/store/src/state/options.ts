import { dirname, join } from 'node:path'
import { type Logger, type Secret, systemClock } from '@vedette/base'
import { Keyring } from '../keys/keyring.ts'

/** How to start a program under a launcher, such as one that ends it when its parent dies. */
export type Wrap = (file: string, args: readonly string[]) => { file: string; args: readonly string[] }

/** Connections of a house of one machine. */
export const DEFAULT_CONNECTIONS = 8

/** Where state is kept: in a folder, by a PostgreSQL of our own, or in a PostgreSQL server. */
export type StateStoreOptions = {
  readonly log: Logger
  /** Connections that it may hold at a time; who needs one more waits for it. Default `DEFAULT_CONNECTIONS`. */
  readonly connections?: number
  /**
   * What secrets are sealed with. Left out, that of a folder is in `keys` beside it, with a master key of its own; a server has
   * none then, and no secret can be kept there.
   */
  readonly keys?: Keyring
} & (
  | {
      readonly folder: string
      /** User and group to start PostgreSQL as; needed where this process is root, which PostgreSQL refuses to be. */
      readonly uid?: number
      readonly gid?: number
      readonly wrap?: Wrap
    }
  /** `postgres://owner:password@host/database`: a role that may create tables and roles. */
  | { readonly url: Secret }
)

/** @throws {CodedError} those of `Keyring.open` */
export function keysOf(options: StateStoreOptions): Keyring | undefined {
  if (options.keys !== undefined || 'url' in options) return options.keys
  const folder = join(dirname(options.folder), 'keys')
  return Keyring.open({
    folder,
    master: { from: 'generated', file: join(folder, 'master.key') },
    clock: systemClock,
  })
}
