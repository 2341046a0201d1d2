import type { CollectorKind } from '../../collector.ts'
import { EbpfCollector } from './collector.ts'
import { type EbpfConfig, ebpfSchema } from './config.ts'
import { probeEbpf } from './probe.ts'

export type { EbpfConfig } from './config.ts'

/** Processes, connections and watched files, from the kernel as it happens. */
export const ebpf: CollectorKind<EbpfConfig> = {
  name: 'ebpf',
  description: 'Processes, connections and access to watched files, told by eBPF programs in the kernel',
  schema: ebpfSchema,
  async probe(config) {
    return probeEbpf(config)
  },
  open(config, { log }) {
    return EbpfCollector.open(config, log)
  },
}
