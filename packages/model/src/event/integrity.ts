import { z } from 'zod'

/** What an ELF file says of itself. */
export interface ElfFacts {
  readonly type: 'relocatable' | 'executable' | 'shared' | 'core' | 'other'
  /** `x86-64`, `aarch64`, ...; `machine N` for one without a name here. */
  readonly machine: string
  readonly bits: 32 | 64
  /** Path of the dynamic linker that it asks for. */
  readonly interpreter?: string
  /** Libraries that it asks for, in their order; at most 256. */
  readonly needed?: readonly string[]
  /** Where it has libraries looked for first: DT_RPATH, DT_RUNPATH. */
  readonly rpath?: string
  readonly runpath?: string
  /** The linker's fingerprint, hex. */
  readonly build_id?: string
  /** Whether its table of symbols is gone. */
  readonly stripped: boolean
}

/** What is known of a file at one time. */
export interface FileFacts {
  readonly type: 'file' | 'folder' | 'link' | 'device' | 'pipe' | 'socket'
  /** Bytes; of plain files alone. */
  readonly size?: number
  /** Permission bits with those for setuid, setgid and sticky, octal: `0755`, `4755`. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
  /** Names of these, where this host has some. */
  readonly owner?: string
  readonly group?: string
  /** Milliseconds since the epoch. */
  readonly modified_time: number
  /** 64 lower-case hex digits; left out for what is no plain file, or was not read. */
  readonly sha256?: string
  /** Why it was not read. */
  readonly unread?: 'too_large' | 'unreadable' | 'changing'
  readonly link_target?: string
  /** As getcap(8) prints them: `cap_net_raw=ep`. */
  readonly capabilities?: string
  /** Access list beyond the mode, as getfacl(1) has it, with numbers: `user:1000:rw-`. */
  readonly acl?: string
  /** Other extended attributes, by name; text, or hex where it is none. */
  readonly xattrs?: Readonly<Record<string, string>>
  readonly elf?: ElfFacts
}

export type FileFactName = keyof FileFacts

/** The package that a file belongs to, by the database of the host's package manager. */
export interface FilePackage {
  readonly name: string
  readonly version: string
  readonly manager: string
  /** Whether the file's content is what the package brought; left out where the database says nothing of it. */
  readonly verified?: boolean
}

/** How a watched file differs from what was known of it. */
export interface FileIntegrity {
  readonly change: 'created' | 'changed' | 'removed'
  /** Left out for a file that was made. */
  readonly before?: FileFacts
  /** Left out for one that was removed. */
  readonly after?: FileFacts
  /** Which facts differ; empty for one that was made or removed. */
  readonly changed: readonly FileFactName[]
  /**
   * `watched`: a collector saw it happen, and `process` is who did it. `rescan`: found afterwards, so that nobody knows who
   * did it, nor when.
   */
  readonly seen: 'watched' | 'rescan'
  readonly package?: FilePackage
  /** Whether the host's package manager did it: a program that itself is part of an installed package, or its child. */
  readonly by_package_manager: boolean
}

const text = z.string().max(4096)

const elfFactsSchema = z.object({
  type: z.enum(['relocatable', 'executable', 'shared', 'core', 'other']),
  machine: z.string().max(64),
  bits: z.union([z.literal(32), z.literal(64)]),
  interpreter: text.optional(),
  needed: z.array(text).max(256).optional(),
  rpath: text.optional(),
  runpath: text.optional(),
  build_id: z.string().max(128).optional(),
  stripped: z.boolean(),
})

export const fileFactsSchema = z.object({
  type: z.enum(['file', 'folder', 'link', 'device', 'pipe', 'socket']),
  size: z.number().nonnegative().optional(),
  mode: z.string().regex(/^[0-7]{4}$/),
  uid: z.number().nonnegative(),
  gid: z.number().nonnegative(),
  owner: text.optional(),
  group: text.optional(),
  modified_time: z.number(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  unread: z.enum(['too_large', 'unreadable', 'changing']).optional(),
  link_target: text.optional(),
  capabilities: text.optional(),
  acl: text.optional(),
  xattrs: z
    .record(z.string().max(256), text)
    .refine((record) => Object.keys(record).length <= 64, 'more than 64 attributes')
    .optional(),
  elf: elfFactsSchema.optional(),
})

export const fileIntegritySchema = z.object({
  change: z.enum(['created', 'changed', 'removed']),
  before: fileFactsSchema.optional(),
  after: fileFactsSchema.optional(),
  changed: z.array(z.enum(Object.keys(fileFactsSchema.shape) as [FileFactName, ...FileFactName[]])).max(32),
  seen: z.enum(['watched', 'rescan']),
  package: z
    .object({ name: text, version: text, manager: z.string().max(32), verified: z.boolean().optional() })
    .optional(),
  by_package_manager: z.boolean(),
})
