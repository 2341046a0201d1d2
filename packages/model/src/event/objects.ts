import { z } from 'zod'
import type { AgentId, ProcessUid } from '../ids.ts'

/** Objects of OCSF 1.8 (schema.ocsf.io), the attributes that Vedette fills. Names are OCSF's; extensions are marked. */

/** OCSF `user`. */
export interface User {
  /** Numeric user id as text, as OCSF has it. */
  readonly uid: string
  readonly name?: string
}

/** OCSF `group`. */
export interface Group {
  /** Numeric group id as text. */
  readonly uid?: string
  readonly name: string
}

/** OCSF `session`: from when somebody was let in until they left. */
export interface Session {
  /** The same for all events of a session, unlike that of any other on this host. */
  readonly uid: string
  /** When it began, milliseconds since the epoch. */
  readonly created_time: number
  readonly terminal?: string
}

/** OCSF `fingerprint`. */
export interface Fingerprint {
  readonly algorithm: 'SHA-256'
  readonly algorithm_id: 3
  /** 64 lower-case hex digits. */
  readonly value: string
}

/** OCSF `file`. */
export interface FileObject {
  /** Absolute path, or `memfd:name` for a file that only memory holds. */
  readonly path: string
  /** Last component of `path`. */
  readonly name: string
  readonly hashes?: readonly Fingerprint[]
  /** Extension: inode number. */
  readonly inode?: number
  /** Extension: no name in any folder leads to it any more, or it never had one. */
  readonly is_deleted?: boolean
}

/** OCSF `container`. */
export interface Container {
  readonly uid: string
  readonly runtime?: string
}

/** OCSF `network_endpoint`. */
export interface Endpoint {
  readonly ip: string
  readonly port: number
}

/** Extension: what a standard stream is when the program starts. */
export interface Stream {
  readonly type: 'file' | 'pipe' | 'socket' | 'tty' | 'device' | 'other' | 'closed'
  readonly peer?: Endpoint
}

/** One ancestor, nearest first; enough to draw the tree and to match on. */
export interface ProcessEntity {
  readonly uid: ProcessUid
  readonly pid: number
  readonly name: string
  readonly path?: string
  readonly cmd_line?: string
  readonly user?: User
  /** Milliseconds since the epoch. */
  readonly created_time?: number
}

/** OCSF `process`. */
export interface Process extends ProcessEntity {
  readonly file?: FileObject
  readonly working_directory?: string
  readonly parent_process?: ProcessEntity
  /** Parent first, up to pid 1; at most 32. */
  readonly ancestry?: readonly ProcessEntity[]
  readonly container?: Container
  /** Extension: path within the unified cgroup hierarchy. */
  readonly cgroup?: string
  /** OCSF `auid`: who logged in, whatever user it is now. */
  readonly auid?: number
  readonly euid?: number
  /** Extension: standard input, output, error. */
  readonly streams?: readonly [Stream, Stream, Stream]
  /** Extension, of a launch alone, as all that follows: the terminal that it belongs to, `pts/0`. */
  readonly tty?: string
  /** Extension: the script that was started, where `file` is the interpreter that the kernel found named in it. */
  readonly script?: FileObject
  /** OCSF: names; values only of variables that change what is loaded, or hide what is done (`LD_PRELOAD`, `HISTFILE`). */
  readonly environment_variables?: readonly { readonly name: string; readonly value?: string }[]
  /** Extension: there were more variables than were looked at (4 KiB), so that one may be missing above. */
  readonly environment_truncated?: boolean
  /**
   * Extension: flags of clone(2) by which the process was made (`CLONE_NEWUSER`, `CLONE_PARENT`), where one of them is out of
   * the ordinary.
   */
  readonly clone_flags?: readonly string[]
  /** Extension: effective capabilities, where they are not all for root or none for others. */
  readonly capabilities?: readonly string[]
  /** Extension: kinds of namespaces (`net`, `user`) in which it is not where process 1 is, with their inodes. */
  readonly namespaces?: Readonly<Record<string, number>>
}

/** OCSF `device`. */
export interface Device {
  readonly uid: AgentId
  readonly hostname: string
}

const text = z.string().max(65_536)
const time = z.number().finite().nonnegative()
const pid = z
  .int()
  .min(0)
  .max(2 ** 31)

const userSchema = z.object({ uid: text, name: text.optional() })

export const groupSchema = z.object({ uid: z.string().max(64).optional(), name: text })

export const sessionSchema = z.object({
  uid: z.string().max(256),
  created_time: time,
  terminal: z.string().max(256).optional(),
})

export const containerSchema = z.object({ uid: text, runtime: text.optional() })

export const endpointSchema = z.object({ ip: z.string().max(64), port: z.int().min(0).max(65_535) })

export const fileSchema = z.object({
  path: text,
  name: text,
  hashes: z
    .array(
      z.object({
        algorithm: z.literal('SHA-256'),
        algorithm_id: z.literal(3),
        value: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(4)
    .optional(),
  inode: z.number().optional(),
  is_deleted: z.boolean().optional(),
})

const streamSchema = z.object({
  type: z.enum(['file', 'pipe', 'socket', 'tty', 'device', 'other', 'closed']),
  peer: endpointSchema.optional(),
})

export const processEntitySchema = z.object({
  uid: z.string().max(64),
  pid,
  name: text,
  path: text.optional(),
  cmd_line: text.optional(),
  user: userSchema.optional(),
  created_time: time.optional(),
})

export const processSchema = processEntitySchema.extend({
  file: fileSchema.optional(),
  working_directory: text.optional(),
  parent_process: processEntitySchema.optional(),
  ancestry: z.array(processEntitySchema).max(32).optional(),
  container: containerSchema.optional(),
  cgroup: text.optional(),
  auid: z.number().optional(),
  euid: z.number().optional(),
  streams: z.tuple([streamSchema, streamSchema, streamSchema]).optional(),
  tty: z.string().max(64).optional(),
  script: fileSchema.optional(),
  environment_variables: z
    .array(z.object({ name: z.string().max(256), value: z.string().max(1024).optional() }))
    .max(256)
    .optional(),
  environment_truncated: z.boolean().optional(),
  clone_flags: z.array(z.string().max(32)).max(24).optional(),
  capabilities: z.array(z.string().max(32)).max(64).optional(),
  namespaces: z
    .record(z.string().max(16), z.number())
    .refine((record) => Object.keys(record).length <= 16, 'more than 16 namespaces')
    .optional(),
})

export const deviceSchema = z.object({ uid: z.string().max(128), hostname: z.string().max(255) })
export { userSchema }
