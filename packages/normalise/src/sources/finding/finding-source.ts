import { visible } from '@vedette/base'
import type { FindingEvent, FindingRecord } from '@vedette/model'
import { shortText } from '../../bounded-text.ts'
import type { EventFactory } from '../../event-factory.ts'

/** Its source, as Events name it. */
const PROVIDER = 'yara'
const LONGEST_PATH = 300

/** The Event of a file that a rule matched. What it says was bounded where the file was scanned. */
export function findingOf(record: FindingRecord, events: EventFactory): FindingEvent {
  const { timeMs, source: _, ...found } = record
  return {
    ...events.base(timeMs, PROVIDER),
    ...found,
    kind: 'finding',
    class_uid: 2004,
    activity: 'create',
    message: `${visible(found.finding_info.title)} found in ${visible(shortText(found.file.path, LONGEST_PATH))}`,
  }
}
