import { z } from 'zod'

/** Section `collect.file` of the configuration. */
export const fileSchema = z.strictObject({
  /** Files to follow, absolute; `*` and `**` stand for names. What is not there yet is waited for. */
  paths: z.array(z.string().startsWith('/').max(4096)).max(256).default([
    '/var/log/auth.log',
    '/var/log/secure',
    // What the kernel and cron say stands there too, on most systems.
    '/var/log/syslog',
    '/var/log/messages',
    '/var/log/cron',
    '/var/log/audit/audit.log',
    '/var/log/nginx/*.log',
    '/var/log/apache2/*.log',
    '/var/log/httpd/*_log',
    '/var/log/containers/*.log',
    '/var/lib/docker/containers/*/*-json.log',
  ]),
  /** Where to begin in a file that is there when its path is watched for the first time. */
  start: z.enum(['end', 'beginning']).default('end'),
  /** Pause between two looks where the kernel tells of no change, milliseconds. */
  poll_interval_ms: z.int().min(20).max(60_000).default(1000),
  /** How long a file that was rotated away is read on, after its last change, milliseconds. */
  linger_ms: z.int().min(0).max(3_600_000).default(30_000),
  /** Most files that are open at a time. */
  max_files: z.int().min(1).max(4096).default(512),
})

export type FileConfig = z.output<typeof fileSchema>
