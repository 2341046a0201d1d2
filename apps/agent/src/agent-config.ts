import { z } from 'zod'

/** Section `agent` of the configuration: what the agent may cost its host. */
export const agentConfigSchema = z.strictObject({
  /**
   * The most that it takes, kept by the kernel in a control group where the start may make one. Elsewhere the agent measures
   * itself and reads more slowly, so that what it cannot read in time is lost and counted.
   */
  budget: z
    .strictObject({
      /** Of one processor; 150 is one and a half. */
      cpu_percent: z.number().min(5).max(10_000).default(100),
      memory_mib: z.int().min(192).max(1_048_576).default(768),
    })
    .prefault({}),
  /** What the server may set on this host: never more than settings of a closed list, and never what is done on it. */
  central: z
    .strictObject({
      /** False: the host alone decides. */
      enabled: z.boolean().default(true),
      /** Settings that this host decides itself, with all below them, such as `yara` or `integrity.paths`. */
      keep: z
        .array(z.string().regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/))
        .max(200)
        .default([]),
    })
    .prefault({}),
  /**
   * Brings this host to another version of Vedette, in the way of its own administrator: a program and its arguments, in which
   * `{version}` stands for the one that is wanted. It is run once for each version that is wanted, by who started the agent.
   */
  upgrade_command: z.array(z.string().min(1).max(4096)).min(1).max(64).optional(),
})

export type AgentConfig = z.output<typeof agentConfigSchema>
