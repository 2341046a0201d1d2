import { z } from 'zod'
import { ebpfSchema } from '../ebpf/config.ts'
import { procEventsSchema } from '../proc-events/config.ts'

/** Section `collect.fanotify` of the configuration. */
export const fanotifySchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'Whether it tells of files where a sensor without eBPF runs; else that compares them on a timer',
    ),
  watch_paths: ebpfSchema.shape.watch_paths
    .unwrap()
    .default([])
    .describe(
      'Files, and folders with what lies in them (eight levels deep), of which a change is told, besides those of the sensor that it stands beside; `*` stands for any name',
    ),
  watch_reads: ebpfSchema.shape.watch_reads,
  look_again_ms: z
    .int()
    .min(100)
    .max(60_000)
    .default(1000)
    .describe('Pause between two looks for watched paths that have come to be, milliseconds'),
  buffer_bytes: procEventsSchema.shape.buffer_bytes
    .unwrap()
    .default(1 << 20)
    .describe('Memory in the kernel for starts of processes that were not read yet, bytes'),
  queue_size: procEventsSchema.shape.queue_size,
  ignore_self: ebpfSchema.shape.ignore_self,
})

export type FanotifyConfig = z.output<typeof fanotifySchema>
