import { z } from 'zod'
import { fileVariables } from './variables.ts'

const MIB = 1 << 20
const path = z.string().max(4095).startsWith('/', 'expected an absolute path')

const externalName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected a name of letters, digits and _')
  .refine(
    (name) => !(fileVariables as readonly string[]).includes(name),
    'is set by Vedette for each file itself',
  )

/** Section `yara` of the configuration: which files are scanned on this host, by which rules, at what cost. */
export const yaraConfigSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether files are scanned at all'),
  built_in_rules: z
    .boolean()
    .default(true)
    .describe('Whether the YARA rules that come with Vedette are used'),
  rules: z
    .array(path)
    .max(100)
    .default([])
    .describe(
      'Files and folders of more rules: `*.yar` and `*.yara`; `include` leads nowhere outside of them',
    ),
  on_exec: z.boolean().default(true).describe('Whether programs are scanned when they start'),
  on_write: z
    .boolean()
    .default(true)
    .describe('Whether a watched file is scanned after it was written, made or moved'),
  watch_paths: z
    .array(path)
    .max(100)
    .default(['/var/www', '/srv/www', '/usr/share/nginx/html', '/usr/local/bin', '/usr/local/sbin'])
    .describe(
      'Files and folders that are watched for the sake of scanning, besides what the collectors watch',
    ),
  exclude: z
    .array(path)
    .max(100)
    .default(['/var/log'])
    .describe('Files and folders that are not scanned. Logs quote what attackers send, which is no finding'),
  max_file_size: z
    .int()
    .min(1)
    .max(1024 * MIB)
    .default(32 * MIB)
    .describe('Larger files are not scanned, and counted, bytes'),
  timeout_ms: z
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('A scan that takes longer is ended, milliseconds'),
  workers: z.int().min(1).max(64).default(1).describe('Files that are scanned at the same time'),
  idle_ms: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe('The process that scans ends after so long without work, milliseconds'),
  max_waiting: z
    .int()
    .min(1)
    .max(10_000)
    .default(256)
    .describe('Files that wait to be scanned; more are lost, and counted'),
  external_variables: z
    .record(externalName, z.union([z.string().max(4096), z.int(), z.boolean()]))
    .default({})
    .describe(
      'Values of external variables that rules use, besides filename, filepath, extension, filetype, owner',
    ),
  engine: z
    .enum(['auto', 'native', 'wasm'])
    .default('auto')
    .describe('Which build of YARA-X scans; `auto`: the native one where it loads'),
})

export type YaraConfig = z.output<typeof yaraConfigSchema>
