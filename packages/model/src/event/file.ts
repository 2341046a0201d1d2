import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { fileIntegritySchema, type FileIntegrity } from './integrity.ts'
import { fileSchema, processSchema, type FileObject, type Process } from './objects.ts'

/** OCSF File System Activity (1001) on a watched path. */
export interface FileEvent extends EventBase {
  readonly kind: 'file'
  readonly class_uid: 1001
  /** `differ`, beyond OCSF's: it is not what was known of it; `integrity` says how. Told besides what was done to it. */
  readonly activity: 'create' | 'read' | 'update' | 'delete' | 'rename' | 'set_attributes' | 'differ'
  readonly file: FileObject
  /** OCSF `file_result`: what a rename led to. */
  readonly file_result?: FileObject
  /** Who did it; left out where nobody saw that. */
  readonly process?: Process
  /** Extension, for `differ`. */
  readonly integrity?: FileIntegrity
}

export const fileEventSchema = eventBaseSchema.extend({
  kind: z.literal('file'),
  class_uid: z.literal(1001),
  activity: z.enum(['create', 'read', 'update', 'delete', 'rename', 'set_attributes', 'differ']),
  file: fileSchema,
  file_result: fileSchema.optional(),
  process: processSchema.optional(),
  integrity: fileIntegritySchema.optional(),
})
