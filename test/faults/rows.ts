import { r2 } from './R2/row.ts'
import { r3 } from './R3/row.ts'
import { r4 } from './R4/row.ts'
import { s4 } from './S4/row.ts'
import { s9 } from './S9/row.ts'
import type { FaultRow } from './row.ts'

/** Every row that can be run; a new one is a folder and a line. */
export const rows: readonly FaultRow[] = [r2, r3, r4, s4, s9]
