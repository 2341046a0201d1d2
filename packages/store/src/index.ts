// Opened by (all return a resource to be disposed of):
//   openAudit(folder: string, options: { clock, checkpoint? }): Promise<AuditLog>
//   verifyAudit(folder: string, options?: { checkpoint? }): Promise<AuditVerdict>
export type * from './audit/audit-log.ts'
export type * from './events/event-store.ts'
export { type EventWriterOptions, openEventWriter } from './events/event-writer.ts'
export { openEventStore } from './events/open-event-store.ts'
export type * from './events/options.ts'
export { openSpool } from './spool/open-spool.ts'
export type * from './spool/spool.ts'
export type * from './state/accounts.ts'
export type * from './state/case-transaction.ts'
export type * from './state/cases.ts'
export type * from './state/fleet.ts'
export { openStateStore } from './state/open-state-store.ts'
export type * from './state/options.ts'
export type * from './state/state-store.ts'
