export { type NormaliseConfig, normaliseConfigSchema } from './config.ts'
export {
  createNormaliser,
  type Normaliser,
  type NormaliserCounters,
  type NormaliserOptions,
} from './normaliser.ts'
