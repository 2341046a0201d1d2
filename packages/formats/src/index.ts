export { parseAuditPairs } from './auditd/audit-pairs.ts'
export { syscallName } from './auditd/syscalls.ts'
export { evtxToNdjson } from './evtx/ndjson.ts'
export {
  type Compression,
  CompressionError,
  decompress,
  type ExpansionLimits,
  recogniseCompression,
} from './compression.ts'
export type {
  ForeignRecord,
  ReaderOptions,
  RecordBatch,
  RecordFormat,
  RecordReader,
  UnreadableRecord,
} from './record-format.ts'
export { recogniseFormat, recordFormats } from './record-formats.ts'
export { parseStixPattern, type StixComparison, writeStixText } from './stix/pattern.ts'
export {
  type AddressRange,
  hexDigit,
  maskAddress,
  readAddress,
  readRange,
  writeAddress,
} from './observable/address.ts'
export {
  domainForm,
  foldName,
  guessIndicator,
  type IndicatorValue,
  normaliseIndicator,
  registeredDomain,
  urlForm,
} from './observable/normalise-indicator.ts'
export { specialPurpose } from './observable/special-ranges.ts'
export { flattenWindowsEvent } from './windows-event/flatten.ts'
