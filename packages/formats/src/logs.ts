/** The door for those who read the lines of this host's own logs, without what reads other tools' files. */
export {
  type AccountFacts,
  type AuthenticationFacts,
  parseAccountChange,
  parseAuthentication,
} from './auth/parse.ts'
export { ACCESS, readAccessLine } from './access-log/line.ts'
export { parseAuditPairs } from './auditd/audit-pairs.ts'
export { AUDITD, readAuditRecord } from './auditd/record.ts'
export { syscallName } from './auditd/syscalls.ts'
export { type Compression, decompress } from './compression.ts'
export { containerOfPath, parseContainerLine } from './container-log/line.ts'
export { readErrorLine } from './error-log/line.ts'
export { type KmsgRecord, parseKmsg } from './kmsg/record.ts'
export { parseServiceMessage, type ServiceFacts } from './service-log/parse.ts'
export type { Outcome } from './outcome.ts'
export {
  MAX_SYSLOG_LINE,
  type StructuredElement,
  type SyslogMessage,
  type SyslogOptions,
} from './syslog/message.ts'
export { parseSyslog } from './syslog/parse.ts'
