import { syscallName } from '@vedette/formats/logs'
import type { AuditRule } from '@vedette/linux'

/** By which the rules are known as ours. */
export const RULE_KEY = 'vedette'

/** Tables of this machine, AUDIT_ARCH_ values: its own, and on x86-64 that of 32-bit programs. */
const tables: Readonly<Record<string, readonly number[]>> = {
  x64: [0xc000_003e, 0x4000_0003],
  arm64: [0xc000_00b7],
}

/** Told whether they succeed or not. */
const calls: ReadonlySet<string> = new Set([
  'process_vm_readv',
  'process_vm_writev',
  'memfd_create',
  'userfaultfd',
  'init_module',
  'finit_module',
  'delete_module',
  'perf_event_open',
  'mount',
  'umount2',
  'pivot_root',
  'chroot',
  'setns',
  'unshare',
  'io_uring_setup',
])

/** Of these only what is done with this first argument: attaching to a process, loading a program. */
const withArgument: readonly (readonly [call: string, argument: number])[] = [
  ['ptrace', 16],
  ['ptrace', 0x4206],
  ['bpf', 5],
]

/** The rules for this machine; none where its tables are not known. */
export function auditRules(machine: string = process.arch): AuditRule[] {
  return (tables[machine] ?? []).flatMap((arch) => {
    const numbers = numbersOf(arch)
    const named = (names: Iterable<string>) => [...names].flatMap((name) => numbers.get(name) ?? [])
    const rules: AuditRule[] = [
      // Looking for a program along PATH fails many times.
      { arch, calls: named(['execve', 'execveat']), successful: true, key: RULE_KEY },
      { arch, calls: named(calls), key: RULE_KEY },
      ...withArgument.map(([call, firstArgument]) => ({
        arch,
        calls: named([call]),
        firstArgument,
        key: RULE_KEY,
      })),
    ]
    // Some machines have no call of that name.
    return rules.filter((rule) => rule.calls.length > 0)
  })
}

function numbersOf(arch: number): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  for (let number = 0; number < 512; number += 1) {
    const name = syscallName(arch.toString(16), String(number))
    if (name !== undefined) numbers.set(name, number)
  }
  return numbers
}
