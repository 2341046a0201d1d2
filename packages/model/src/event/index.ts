import { z } from 'zod'
import { passesAsItIs } from '../passes-as-it-is.ts'
import { accountEventSchema, type AccountEvent } from './account.ts'
import { authenticationEventSchema, type AuthenticationEvent } from './authentication.ts'
import { fileEventSchema, type FileEvent } from './file.ts'
import { findingEventSchema, type FindingEvent } from './finding.ts'
import { inventoryEventSchema, type InventoryEvent } from './inventory.ts'
import { logEventSchema, type LogEvent } from './log.ts'
import { networkEventSchema, type NetworkEvent } from './network.ts'
import { processEventSchema, type ProcessEvent } from './process.ts'
import { protocolEventSchema, type ProtocolEvent } from './protocol/index.ts'
import { sensorEventSchema, type SensorEvent } from './sensor.ts'
import { systemEventSchema, type SystemEvent } from './system.ts'
import { usageEventSchema, type UsageEvent } from './usage.ts'

/** Something that happened on a host, shaped after OCSF 1.8. One file a kind. */
export type Event =
  | ProcessEvent
  | NetworkEvent
  | FileEvent
  | AuthenticationEvent
  | AccountEvent
  | LogEvent
  | FindingEvent
  | SystemEvent
  | ProtocolEvent
  | UsageEvent
  | InventoryEvent
  | SensorEvent

export type EventKind = Event['kind']

export const eventKinds = [
  'process',
  'network',
  'file',
  'authentication',
  'account',
  'log',
  'finding',
  'system',
  'protocol',
  'usage',
  'inventory',
  'sensor',
] as const satisfies readonly EventKind[]

/** What an agent may send; everything bounded. */
export const eventSchema = z.discriminatedUnion('kind', [
  processEventSchema,
  networkEventSchema,
  fileEventSchema,
  authenticationEventSchema,
  accountEventSchema,
  logEventSchema,
  findingEventSchema,
  systemEventSchema,
  protocolEventSchema,
  usageEventSchema,
  inventoryEventSchema,
  sensorEventSchema,
])

/** Quickly whether an event is what the schema would make of it; false says nothing, and the schema has to be asked. */
export const isEventAsItIs = passesAsItIs(eventSchema)

/** The process that an event is about or that acted in it. */
export function processOf(event: Event): ProcessEvent['process'] | undefined {
  return 'process' in event ? event.process : undefined
}
