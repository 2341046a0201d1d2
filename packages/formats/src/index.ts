export { type AuthenticationFacts, parseAuthentication } from './auth/parse.ts'
export type { Outcome } from './outcome.ts'
export type {
  ForeignRecord,
  ReaderOptions,
  RecordBatch,
  RecordFormat,
  RecordReader,
  UnreadableRecord,
} from './record-format.ts'
export { recogniseFormat, recordFormats } from './record-formats.ts'
export {
  MAX_SYSLOG_LINE,
  type StructuredElement,
  type SyslogMessage,
  type SyslogOptions,
} from './syslog/message.ts'
export { parseSyslog } from './syslog/parse.ts'
