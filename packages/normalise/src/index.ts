export { type NormaliseConfig, normaliseConfigSchema } from './config.ts'
export {
  createNormaliser,
  type Normaliser,
  type NormaliserCounters,
  type NormaliserOptions,
} from './normaliser.ts'
export { Users } from './enrichers/users/users.ts'
export { type EventPrivacy, eventPrivacy } from './redaction/event-privacy.ts'
export { type Redactor, redactor } from './redaction/redact.ts'
export { sensorEvents } from './sources/sensor/sensor-events.ts'
export { protocolMessage } from './sources/packet/words.ts'
