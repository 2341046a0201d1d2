import type { FaultRow } from './row.ts'

/** Every row that can be run; a new one is a folder and a line. Each is loaded when it is asked for, with all that it tries. */
export const rows: ReadonlyMap<string, () => Promise<FaultRow>> = new Map([
  ['R1', async () => (await import('./R1/row.ts')).r1],
  ['R2', async () => (await import('./R2/row.ts')).r2],
  ['R3', async () => (await import('./R3/row.ts')).r3],
  ['R4', async () => (await import('./R4/row.ts')).r4],
  ['R10', async () => (await import('./R10/row.ts')).r10],
  ['R5', async () => (await import('./R5/row.ts')).r5],
  ['R13', async () => (await import('./R13/row.ts')).r13],
  ['S14', async () => (await import('./S14/row.ts')).s14],
  ['S4', async () => (await import('./S4/row.ts')).s4],
  ['S11', async () => (await import('./S11/row.ts')).s11],
  ['S12', async () => (await import('./S12/row.ts')).s12],
  ['S10', async () => (await import('./S10/row.ts')).s10],
  ['S8', async () => (await import('./S8/row.ts')).s8],
  ['S9', async () => (await import('./S9/row.ts')).s9],
  ['R12', async () => (await import('./R12/row.ts')).r12],
])
