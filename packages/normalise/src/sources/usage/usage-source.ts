import type { UsageEvent, UsageRecord } from '@vedette/model'
import type { ProcessTree } from '../../enrichers/process-tree/process-tree.ts'
import type { EventFactory } from '../../event-factory.ts'
import { usageMessage } from './words.ts'

/** Its source, as Events name it. */
const PROVIDER = 'usage'

/** The Event of something that uses much, with the process as the tree knows it. */
export function usageEventOf(
  { source: _source, timeMs, subject, ...measured }: UsageRecord,
  events: EventFactory,
  tree: ProcessTree,
): UsageEvent {
  const process = subject === undefined ? undefined : tree.find(subject).process()
  const event: UsageEvent = {
    ...events.base(timeMs, PROVIDER),
    ...measured,
    ...(process !== undefined && { process }),
    kind: 'usage',
    class_uid: 0,
  }
  return { ...event, message: usageMessage(event) }
}
