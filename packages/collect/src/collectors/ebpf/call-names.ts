import { syscallName } from '@vedette/formats/logs'

/** Set in the number of a call that a 32-bit program made: bpf/counts.bpf.h. */
const COMPAT_CALL = 0x10000
/** The tables of this machine, by the numbers that the audit system has for them. */
const tables: Readonly<Record<string, readonly [own: string, compat: string]>> = {
  x64: ['c000003e', '40000003'],
  arm64: ['c00000b7', '40000028'],
}

/** What the call of a number is called on this machine, as in syscalls(2); `call 999` where it has no name. */
export function callNameOf(call: number, machine: string = process.arch): string {
  const [own, compat] = tables[machine] ?? []
  const number = call & ~COMPAT_CALL
  const table = (call & COMPAT_CALL) === 0 ? own : compat
  return syscallName(table, String(number)) ?? `call ${number}`
}
