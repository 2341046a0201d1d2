import { z } from 'zod'

/** Section `spool` of the configuration: events that wait for the server, in the agent's memory and on its disk. */
export const spoolConfigSchema = z.strictObject({
  /** Most disk that they may take, MiB. What comes after that is dropped and counted. */
  cap_mib: z.int().min(8).max(1_048_576).default(1024),
  /**
   * Events that may wait in memory while the disk is slow, about 2 KiB each. What comes after that is dropped and counted.
   * EVENT_BUFFER_SIZE.
   */
  buffer_events: z.int().min(100).max(1_000_000).default(10_000),
})

/** Variables of the environment that fill keys of `spool`. */
export const spoolEnvironment = {
  EVENT_BUFFER_SIZE: { key: 'buffer_events', list: false },
} as const
