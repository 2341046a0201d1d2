import type { ProtocolParser } from './protocol-parser.ts'

/** Every protocol that is recognised, the most telling first. A new one is a folder and a line here. */
export const protocols: readonly ProtocolParser[] = []
