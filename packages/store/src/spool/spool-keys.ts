import type { Keyring } from '../keys/keyring.ts'
import type { SealingKey } from '../keys/sealing-key.ts'

/** The host's keys for what lies in its spool, each record sealed by itself. */
export interface SpoolKeys {
  /** The one that batches are sealed with from now on; made where there is none. */
  current(): SealingKey
  /** The one with that id, for batches of before. */
  find(id: string): SealingKey | undefined
}

/** Those of a keyring. */
export function spoolKeys(ring: Keyring): SpoolKeys {
  return { current: () => ring.key('spool'), find: (id) => ring.find(id, 'spool') }
}
