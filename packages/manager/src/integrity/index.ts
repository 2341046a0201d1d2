export { integrityConfigSchema } from './config.ts'
export { FileIntegrity } from './file-integrity.ts'
