import type { CollectorKind } from './collector.ts'
import { fileCollectors, kernelCollectors } from './choose.ts'
import { execPermission } from './collectors/exec-permission/index.ts'
import { file } from './collectors/file/index.ts'
import { inventory } from './collectors/inventory/index.ts'
import { journal } from './collectors/journal/index.ts'
import { killAtExec } from './collectors/kill-at-exec/index.ts'
import { kmsg } from './collectors/kmsg/index.ts'
import { packet } from './collectors/packet/index.ts'
import { usage } from './collectors/usage/index.ts'

/** Every kind of collector. A new one is a folder and a line here (or in `kernelCollectors`, `fileCollectors`). */
export const collectors: readonly CollectorKind[] = [
  ...kernelCollectors,
  ...fileCollectors,
  file,
  journal,
  kmsg,
  inventory,
  packet,
  usage,
  killAtExec,
  execPermission,
]

export { chooseKernelCollector, type ChosenCollector, kernelCollectors } from './choose.ts'
export type { Collector, CollectorContext, CollectorKind, Probe } from './collector.ts'
export { type CollectConfig, collectSchema, sectionOf } from './config.ts'
export { presentRecords } from './kernel/present.ts'
export { ebpf } from './collectors/ebpf/index.ts'
