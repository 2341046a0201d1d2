import type { FileEvent, IntegrityRecord } from '@vedette/model'
import { baseName, boundedText } from '../../bounded-text.ts'
import type { EventFactory } from '../../event-factory.ts'
import { integrityMessage } from './words.ts'

/** The Event of a watched file that is not what it was. Its facts were bounded where they were read. */
export function integrityEvent(record: IntegrityRecord, events: EventFactory): FileEvent {
  const { timeMs, source, inode, integrity, process } = record
  const path = boundedText(record.path)
  const sha256 = integrity.after?.sha256
  return {
    ...events.base(timeMs, source),
    kind: 'file',
    class_uid: 1001,
    activity: 'differ',
    file: {
      path,
      name: baseName(path),
      ...(inode !== undefined && { inode }),
      ...(sha256 !== undefined && {
        hashes: [{ algorithm: 'SHA-256' as const, algorithm_id: 3 as const, value: sha256 }],
      }),
    },
    ...(process !== undefined && { process }),
    integrity,
    message: integrityMessage(path, integrity, process),
  }
}
