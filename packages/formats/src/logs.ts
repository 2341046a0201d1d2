/** The door for those who read the lines of this host's own logs, without what reads other tools' files. */
export { type AuthenticationFacts, parseAuthentication } from './auth/parse.ts'
export type { Outcome } from './outcome.ts'
export {
  MAX_SYSLOG_LINE,
  type StructuredElement,
  type SyslogMessage,
  type SyslogOptions,
} from './syslog/message.ts'
export { parseSyslog } from './syslog/parse.ts'
