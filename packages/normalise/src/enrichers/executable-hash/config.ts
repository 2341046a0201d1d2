import { z } from 'zod'

/** What hashing executables may cost. */
export const executableHashConfigSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** Larger files are not hashed, bytes. */
  max_file_bytes: z.int().min(0).max(4_294_967_296).default(67_108_864),
  /** Bytes read for hashing in a second, on average; what does not fit waits. */
  bytes_per_second: z.int().min(65_536).max(1_099_511_627_776).default(134_217_728),
  /** How long a batch of events waits for the hashes of its programs, milliseconds. */
  wait_ms: z.int().min(0).max(1000).default(5),
  /** Files whose hash is remembered. */
  max_files: z.int().min(16).max(1_000_000).default(8192),
  /** Files that wait to be hashed; more are left without. */
  max_waiting: z.int().min(1).max(100_000).default(1024),
})

export type ExecutableHashConfig = z.output<typeof executableHashConfigSchema>
