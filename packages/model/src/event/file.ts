import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { fileSchema, processSchema, type FileObject, type Process } from './objects.ts'

/** OCSF File System Activity (1001) on a watched path. */
export interface FileEvent extends EventBase {
  readonly kind: 'file'
  readonly class_uid: 1001
  readonly activity: 'create' | 'read' | 'update' | 'delete' | 'rename' | 'set_attributes'
  readonly file: FileObject
  /** OCSF `file_result`: what a rename led to. */
  readonly file_result?: FileObject
  readonly process?: Process
}

export const fileEventSchema = eventBaseSchema.extend({
  kind: z.literal('file'),
  class_uid: z.literal(1001),
  activity: z.enum(['create', 'read', 'update', 'delete', 'rename', 'set_attributes']),
  file: fileSchema,
  file_result: fileSchema.optional(),
  process: processSchema.optional(),
})
