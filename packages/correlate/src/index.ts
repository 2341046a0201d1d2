export type { CaseLedger } from './case-ledger.ts'
export { type CorrelationConfig, correlationConfigSchema } from './config.ts'
export { correlate, type CorrelateContext, type Correlated } from './correlate.ts'
export { treeRoot } from './process-tree.ts'
