export { integrityConfigSchema } from './config.ts'
export { FileIntegrity } from './file-integrity.ts'
export {
  acceptFiles,
  type BaselineStatus,
  baselineStatus,
  checkFiles,
  type CheckResult,
  type DifferingFile,
} from './kept-baseline.ts'
