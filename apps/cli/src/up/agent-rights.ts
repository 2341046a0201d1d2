import type { CapabilityName } from '@vedette/linux'

/**
 * What the agent may do beyond an ordinary user, and why. It stays uid 0 so that its folder is root's and root's files
 * are its own, but without these rights uid 0 is only an owner of files.
 */
export const agentCapabilities: readonly CapabilityName[] = [
  // Load programs into the kernel, attach them to tracepoints, and read what they send.
  'CAP_BPF',
  'CAP_PERFMON',
  // The process connector and the audit system, where there is no BPF.
  'CAP_NET_ADMIN',
  'CAP_AUDIT_CONTROL',
  // Read executables, open files and memory maps of other users' processes, and arguments from their memory.
  'CAP_SYS_PTRACE',
  // Read logs and executables, whoever owns them.
  'CAP_DAC_READ_SEARCH',
  // Freeze and kill other users' processes.
  'CAP_KILL',
]

/** With the right to see packets where it is to look at them: who has it could also forge them. */
export function agentRights(seesPackets: boolean): readonly CapabilityName[] {
  return seesPackets ? [...agentCapabilities, 'CAP_NET_RAW'] : agentCapabilities
}
