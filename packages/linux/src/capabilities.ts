import { readFileSync } from 'node:fs'

/** Names of include/uapi/linux/capability.h; the place in the list is the number. */
export const capabilityNames = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const

export type CapabilityName = (typeof capabilityNames)[number]

/** What this thread may do now beyond an ordinary user: CapEff of /proc/thread-self/status, capabilities(7). */
export function effectiveCapabilities(): ReadonlySet<CapabilityName> {
  return parseCapabilities(readFileSync('/proc/thread-self/status', 'utf8'), 'CapEff')
}

/** One of the sets in the text of a /proc/PID/status. Numbers that have no name here are passed over. */
export function parseCapabilities(
  status: string,
  set: 'CapInh' | 'CapPrm' | 'CapEff' | 'CapBnd' | 'CapAmb',
): ReadonlySet<CapabilityName> {
  const hex = new RegExp(`^${set}:\\t([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'
  const bits = BigInt(`0x${hex}`)
  return new Set(capabilityNames.filter((_, number) => ((bits >> BigInt(number)) & 1n) === 1n))
}
