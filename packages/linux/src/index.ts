export { type AuditMessage, AuditNetlink, readAuditStatus } from './audit-netlink.ts'
export type { AuditRule } from './audit-rule.ts'
export * from './bpf/index.ts'
export { type CapabilityName, capabilityNames, effectiveCapabilities } from './capabilities.ts'
export {
  accessListText,
  fileCapabilitiesText,
  readExtendedAttribute,
  readExtendedAttributes,
} from './extended-attributes.ts'
export { CgroupBudget } from './cgroup-budget.ts'
export { type CgroupUse, OwnCgroup } from './cgroup-use.ts'
export { Fanotify, fileSystemOf, handleOfPath, pathOfHandle } from './fanotify.ts'
export { type FanotifyEvent, fanotifyMask, type HandleKey } from './fanotify-event.ts'
export { dieUnlessRenewed } from './dead-man.ts'
export { type KernelFile, kernelFileOf } from './kernel-file.ts'
export { setParentDeathSignal } from './launch/privileges.ts'
export { type FileLock, lockFile } from './file-lock.ts'
export { type FileStatus, fileStatus } from './file-status.ts'
export { LAUNCH_FAILED, type LaunchCommand, launchCommand, type LaunchSpec } from './launch/spec.ts'
export { closeDescriptor, SystemCallError } from './libc.ts'
export { createMemoryFile } from './memory-file.ts'
export { listNetworkInterfaces, type NetworkInterface } from './network-interfaces.ts'
export {
  type FilterInstruction,
  PacketRing,
  type PacketRingOptions,
  type PacketStatistics,
  type TakeRingPacket,
} from './packet-ring.ts'
export { pageBytes } from './page-size.ts'
export { isDescriptorAlive, openPidfd, openProcess, Pidfd } from './pidfd.ts'
export { bootId } from './proc/boot.ts'
export { isInFirstPidNamespace } from './proc/pid-namespace.ts'
export { listPids, type ProcessInfo, readArguments, readExecutable, readProcess } from './proc/process.ts'
export { type ProcessStat, readProcessStat } from './proc/stat.ts'
export type { Descriptor } from './proc/stream.ts'
export { type OwnedSocket, readSocketOwners } from './proc/socket-owners.ts'
export { KeptProcFile } from './proc/kept-proc-file.ts'
export { parsePressure } from './proc/pressure.ts'
export { parseProcessUsage, type ProcessUsage } from './proc/process-usage.ts'
export { RemoteMounts } from './remote-mounts.ts'
export { readUsage, type Usage } from './proc/usage.ts'
export { tasksMade } from './proc/tasks-made.ts'
export { ipv6Text, parseTcpTable, readTcpSockets, type TcpSocket } from './proc/tcp-table.ts'
export { openProcConnector, type ProcConnector, type ProcConnectorOptions } from './proc-connector.ts'
export type { ProcEvent } from './proc-event.ts'
export { bootTimeMs, clockTicksPerSecond, monotonicNs, sinceBootNs, wallClockMs } from './time.ts'
export { trimMemory } from './trim-memory.ts'
export { trimProgram } from './trim-program.ts'
export { findUser, type User } from './user.ts'
