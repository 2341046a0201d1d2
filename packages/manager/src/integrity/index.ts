export { integrityConfigSchema } from './config.ts'
