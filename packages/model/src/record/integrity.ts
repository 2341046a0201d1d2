import type { FileIntegrity } from '../event/integrity.ts'
import type { Process } from '../event/objects.ts'

/** A watched file is not what it was. */
export interface IntegrityRecord {
  readonly source: 'integrity'
  /** When it was last touched, or found to differ; milliseconds since the epoch. */
  readonly timeMs: number
  readonly path: string
  readonly inode?: number
  readonly integrity: FileIntegrity
  /** Who touched it last, where somebody saw it. */
  readonly process?: Process
}
