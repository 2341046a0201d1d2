import { r3 } from './R3/row.ts'
import type { FaultRow } from './row.ts'

/** Every row that can be run; a new one is a folder and a line. */
export const rows: readonly FaultRow[] = [r3]
