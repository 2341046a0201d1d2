export type { Collector, CollectorContext, CollectorKind, Probe } from './collector.ts'
export { type CountersByType, ebpf, EbpfCollector, type EbpfConfig, ebpfSchema } from './collectors/ebpf/index.ts'
