export {
  type ExecRecord,
  type ExitRecord,
  type FileAccessRecord,
  type ForkRecord,
  type KernelRecord,
  type ProcessIdentity,
  type SocketEnd,
  type SocketRecord,
  type StandardStream,
} from './kernel.ts'
export type { FindingRecord } from './finding.ts'
export type { LineRecord } from './line.ts'

import type { FindingRecord } from './finding.ts'
import type { KernelRecord } from './kernel.ts'
import type { LineRecord } from './line.ts'

/** What a collector hands on: as it was seen, not yet understood. */
export type RawRecord = KernelRecord | LineRecord | FindingRecord
