import type { Logger, Secret } from '@vedette/base'

/** How to start a program under a launcher, such as one that ends it when its parent dies. */
export type Wrap = (file: string, args: readonly string[]) => { file: string; args: readonly string[] }

/** Connections of a house of one machine. */
export const DEFAULT_CONNECTIONS = 8

/** Where state is kept: in a folder, by a PostgreSQL of our own, or in a PostgreSQL server. */
export type StateStoreOptions = {
  readonly log: Logger
  /** Connections that it may hold at a time; who needs one more waits for it. Default `DEFAULT_CONNECTIONS`. */
  readonly connections?: number
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
