import { z } from 'zod'

const seconds = (fallback: number) => z.number().min(0).max(86_400).default(fallback)

/** Section `collect.usage` of the configuration. */
export const usageSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** Pause between two looks, milliseconds. Grows by itself so that looking takes at most 2 % of a processor. */
  interval_ms: z.int().min(100).max(600_000).default(5000),
  /**
   * From where on use may be high at all, and always is while it is not known yet what is usual. `for_s`: for so long
   * without a break, before it is told; and for so long below four fifths of it, before it counts as normal again.
   */
  high: z
    .strictObject({
      cpu: z
        .strictObject({ cores: z.number().min(0.01).max(4096).default(0.8), for_s: seconds(60) })
        .prefault({}),
      /** In percent of what the cgroup, else the host, may use. */
      memory: z
        .strictObject({ percent: z.number().min(1).max(100).default(40), for_s: seconds(20) })
        .prefault({}),
      /** Read from and written to disks. */
      io: z
        .strictObject({ mib_per_s: z.number().min(0.01).max(1_000_000).default(100), for_s: seconds(60) })
        .prefault({}),
      /** In percent of what the process may open. */
      descriptors: z
        .strictObject({ percent: z.number().min(1).max(100).default(80), for_s: seconds(5) })
        .prefault({}),
      sockets: z
        .strictObject({ count: z.int().min(1).max(10_000_000).default(4000), for_s: seconds(30) })
        .prefault({}),
      /** In a cgroup and on the host. */
      processes: z
        .strictObject({ count: z.int().min(1).max(10_000_000).default(3000), for_s: seconds(2) })
        .prefault({}),
      /** Of the time in which something had to wait. */
      pressure: z
        .strictObject({ percent: z.number().min(1).max(100).default(60), for_s: seconds(60) })
        .prefault({}),
    })
    .prefault({}),
  /** What is usual is known after so many samples of a program, a cgroup or the host. */
  learn_samples: z.int().min(2).max(1_000_000).default(240),
  /** High is what lies so many standard deviations above the mean, and above the threshold. */
  deviations: z.number().min(1).max(100).default(4),
  /** After so long a sample counts half as much, hours. */
  half_life_h: z.number().min(0.01).max(8760).default(72),
  /**
   * What is usual moves up by at most so much in a day, percent of what it was and of the threshold: who takes a little more
   * each hour teaches no new habit within a week.
   */
  drift_percent_per_day: z.number().min(0).max(1000).default(10),
  /** Programs, cgroups and their resources of which it is remembered what is usual; those least lately seen go first. */
  max_baselines: z.int().min(1).max(100_000).default(4000),
  /** Processes that are looked at; beyond them those that came last are left out, and each counts as lost. */
  max_processes: z.int().min(1).max(1_000_000).default(4096),
  max_cgroups: z.int().min(0).max(100_000).default(512),
  /** Most records that wait for the rest of the agent. */
  queue_size: z.int().min(1).max(1_000_000).default(4096),
})

export type UsageConfig = z.output<typeof usageSchema>
