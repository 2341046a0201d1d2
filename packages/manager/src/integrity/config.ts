import { z } from 'zod'

const path = z.string().max(4095).startsWith('/', 'expected an absolute path')

/** Where the system and what starts with it stand: who changes something there, stays. */
const defaultPaths = [
  '/etc',
  '/usr/bin',
  '/usr/sbin',
  '/bin',
  '/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/lib/systemd/system',
  '/usr/lib/*/security',
  '/var/spool/cron',
  '/root/.ssh',
  '/home/*/.ssh',
  '/root/.bashrc',
  '/root/.profile',
  '/home/*/.bashrc',
  '/home/*/.profile',
]

/** Section `integrity` of the configuration. */
export const integrityConfigSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether a baseline of files is kept, and each difference told'),
  paths: z
    .array(path)
    .max(200)
    .default(defaultPaths)
    .describe(
      'Files, and folders with all that lies in them, that are known by content and rights; `*` stands for any name. They need not exist yet',
    ),
  exclude: z
    .array(path)
    .max(500)
    .default(['/etc/mtab', '/etc/ld.so.cache'])
    .describe('Files and folders within them that are left out'),
  max_files: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(50_000)
    .describe('Files that are known at most; more are left out, and a blind spot says so'),
  max_file_bytes: z
    .int()
    .min(0)
    .max(4_294_967_296)
    .default(134_217_728)
    .describe('Larger files are known by their rights, size and times alone, bytes'),
  bytes_per_second: z
    .int()
    .min(1_048_576)
    .max(1_099_511_627_776)
    .default(134_217_728)
    .describe('Bytes that are read in a second on average while all files are looked at'),
  rescan_interval_s: z
    .int()
    .min(10)
    .max(604_800)
    .default(3600)
    .describe(
      'Pause after which all files are looked at again, for what no collector told, seconds. Files are read only where their times or sizes differ',
    ),
  settle_ms: z
    .int()
    .min(20)
    .max(60_000)
    .default(300)
    .describe('A file is looked at once it was left alone for so long, milliseconds'),
  accept_packages: z
    .boolean()
    .default(true)
    .describe(
      'Whether what the package manager of this host changes, and matches what the package brought, is taken for right',
    ),
})

export type IntegrityConfig = z.output<typeof integrityConfigSchema>
