import type { AgentReport } from '@vedette/model'

/** Lines of JSON that the agent writes to standard output for who started it. */
export type AgentMessageLine =
  /** The collectors that can run do, and the report says which. */
  | { readonly type: 'watching'; readonly report: AgentReport }
  /** Once a second, from the event loop. */
  | { readonly type: 'alive' }
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected' }
  /** It stopped as it was told to; `waiting` batches stay in the spool for the next start. */
  | { readonly type: 'stopped'; readonly waiting: number; readonly lost: number }
  /** It ends, and is to be started anew at once: its settings are others from now on. */
  | { readonly type: 'renew' }
  /** The server wants another version of the program on this host. */
  | { readonly type: 'upgrade'; readonly version: string }
  | { readonly type: 'fatal'; readonly code: string; readonly message: string }
