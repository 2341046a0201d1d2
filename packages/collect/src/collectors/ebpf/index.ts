import type { CollectorKind } from '../../collector.ts'
import { EbpfCollector } from './collector.ts'
import { type EbpfConfig, ebpfSchema } from './config.ts'
import { kindNames } from './kinds.ts'
import { probeEbpf } from './probe.ts'

export type { EbpfConfig } from './config.ts'

/** Processes, connections and watched files, from the kernel as it happens. */
export const ebpf: CollectorKind<EbpfConfig> = {
  name: 'ebpf',
  description: 'Processes, connections and access to watched files, told by eBPF programs in the kernel',
  sees: { each: recordKinds(), byLooking: [] },
  schema: ebpfSchema,
  async probe(config) {
    return probeEbpf(config)
  },
  open(config, { log }) {
    return EbpfCollector.open(config, log)
  },
}

/** Names of the kinds as the records have them: accesses by path are of files, questions to the DNS of protocols. */
function recordKinds(): string[] {
  return [
    ...new Set(kindNames.map((name) => (name === 'path' ? 'file' : name === 'dns' ? 'protocol' : name))),
  ]
}
