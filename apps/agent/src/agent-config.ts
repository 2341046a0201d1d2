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
})

export type AgentConfig = z.output<typeof agentConfigSchema>
