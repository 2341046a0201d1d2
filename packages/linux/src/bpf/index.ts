export { BpfLink, BpfMap, BpfObject, type BpfObjectOptions, BpfVariables } from './bpf-object.ts'
export { DISCARDED, MappedRing, RECORD_HEADER, RECORD_LENGTH } from './mapped-ring.ts'
export { threadId, waitForRunningPrograms } from './quiesce.ts'
export { WakeUp } from './wake-up.ts'
