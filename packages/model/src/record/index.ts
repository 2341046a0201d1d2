export {
  type ExecRecord,
  type ExitRecord,
  type FileAccessRecord,
  type ForkRecord,
  type KernelProtocolRecord,
  type KernelRecord,
  type ProcessIdentity,
  type SocketEnd,
  type SocketRecord,
  type StandardStream,
  type SystemRecord,
} from './kernel.ts'
export type { FindingRecord } from './finding.ts'
export type { IntegrityRecord } from './integrity.ts'
export type { InventoryRecord } from './inventory.ts'
export type { JournalRecord } from './journal.ts'
export type { KernelLogRecord } from './kmsg.ts'
export type { LineRecord } from './line.ts'
export type { SensorRecord } from './sensor.ts'
export type { UsageRecord } from './usage.ts'
export type { FlowRecord, FlowTraffic, PacketRecord, ProtocolRecord } from './packet.ts'

import type { FindingRecord } from './finding.ts'
import type { IntegrityRecord } from './integrity.ts'
import type { InventoryRecord } from './inventory.ts'
import type { KernelRecord } from './kernel.ts'
import type { JournalRecord } from './journal.ts'
import type { KernelLogRecord } from './kmsg.ts'
import type { LineRecord } from './line.ts'
import type { PacketRecord } from './packet.ts'
import type { SensorRecord } from './sensor.ts'
import type { UsageRecord } from './usage.ts'

/** What a collector hands on: as it was seen, not yet understood. */
export type RawRecord =
  | KernelRecord
  | LineRecord
  | JournalRecord
  | KernelLogRecord
  | FindingRecord
  | PacketRecord
  | UsageRecord
  | SensorRecord
  | IntegrityRecord
  | InventoryRecord
