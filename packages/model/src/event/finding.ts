import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { fileSchema, processSchema, type FileObject, type Process } from './objects.ts'

/** Extension: a pattern of a rule, where it stands in the file. */
export interface PatternMatch {
  /** Its name in the rule: `$shell`. */
  readonly name: string
  /** Bytes from the file's beginning. */
  readonly offset: number
  readonly length: number
  /** The first bytes of it, those that are not printable as `\xNN`. */
  readonly data: string
}

/** At most this many matches and metadata of a rule are told. */
export const MAX_FINDING_MATCHES = 32
export const MAX_FINDING_META = 64

/** OCSF Detection Finding (2004): a scan found a file that a rule describes. One for each rule and file. */
export interface FindingEvent extends EventBase {
  readonly kind: 'finding'
  readonly class_uid: 2004
  readonly activity: 'create'
  readonly finding_info: {
    /** The rule's id. */
    readonly uid: string
    readonly title: string
    readonly desc?: string
    readonly analytic: {
      /** The rule's name in its file. */
      readonly name: string
      /** OCSF: 1, a rule. */
      readonly type_id: 1
      readonly category: 'yara'
      /** Extension: the file that the rule came from, on the host that scanned. */
      readonly file: string
    }
    readonly tags: readonly string[]
  }
  /** Extension: why the file was scanned. */
  readonly cause: 'write' | 'exec'
  readonly file: FileObject
  /** The process that wrote the file, or that runs it. */
  readonly process?: Process
  /** Extension: what the rule says of itself. */
  readonly meta: readonly { readonly name: string; readonly value: string | number | boolean }[]
  /** Extension: what of the rule matched; the first of `match_count`. */
  readonly matches: readonly PatternMatch[]
  readonly match_count: number
}

export const findingEventSchema = eventBaseSchema.extend({
  kind: z.literal('finding'),
  class_uid: z.literal(2004),
  activity: z.literal('create'),
  finding_info: z.object({
    uid: z.string().min(1).max(128),
    title: z.string().max(1000),
    desc: z.string().max(8192).optional(),
    analytic: z.object({
      name: z.string().max(256),
      type_id: z.literal(1),
      category: z.literal('yara'),
      file: z.string().max(4096),
    }),
    tags: z.array(z.string().max(128)).max(64),
  }),
  cause: z.enum(['write', 'exec']),
  file: fileSchema,
  process: processSchema.optional(),
  meta: z
    .array(
      z.object({
        name: z.string().max(128),
        value: z.union([z.string().max(8192), z.number(), z.boolean()]),
      }),
    )
    .max(MAX_FINDING_META),
  matches: z
    .array(
      z.object({
        name: z.string().max(256),
        offset: z.int().nonnegative(),
        length: z.int().nonnegative(),
        data: z.string().max(1024),
      }),
    )
    .max(MAX_FINDING_MATCHES),
  match_count: z.int().nonnegative(),
})
