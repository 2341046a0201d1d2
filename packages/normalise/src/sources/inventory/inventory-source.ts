import { visible } from '@vedette/base'
import type { InventoryEvent, InventoryItem, InventoryRecord } from '@vedette/model'
import { boundedText, shortText } from '../../bounded-text.ts'
import type { EventFactory } from '../../event-factory.ts'

const LONGEST = { key: 4096, fact: 8192, said: 200 }

const VERBS = { add: 'is new', remove: 'is gone', change: 'changed' } as const

/** The Event of what is there on this host. */
export function inventoryEvent(record: InventoryRecord, events: EventFactory): InventoryEvent {
  const { timeMs, source, item, before, items, ...said } = record
  return {
    ...events.base(timeMs, source),
    kind: 'inventory',
    class_uid: 5001,
    ...said,
    ...(item !== undefined && { item: boundedItem(item) }),
    ...(before !== undefined && { before: boundedFacts(before) }),
    ...(items !== undefined && { items: items.map((line) => boundedText(line, LONGEST.fact)) }),
    message: messageOf(record),
  }
}

/** `authorized_key is new: /root/.ssh/authorized_keys SHA256:…`. */
function messageOf({
  activity,
  inventory_type: type,
  item,
  changed,
  count,
  unwatched,
}: InventoryRecord): string {
  const name = type.replaceAll('_', ' ')
  if (activity === 'collect') return `${count ?? 0} ${name}${count === 1 ? '' : 's'} on this host`
  const which = changed === undefined || changed.length === 0 ? '' : ` (${changed.join(', ')})`
  const when = unwatched === true ? ', since nobody watched' : ''
  return `${name} ${VERBS[activity]}${when}: ${visible(shortText(item?.key ?? '', LONGEST.said))}${which}`
}

function boundedItem({ key, facts }: InventoryItem): InventoryItem {
  return { key: boundedText(key, LONGEST.key), facts: boundedFacts(facts) }
}

function boundedFacts(facts: InventoryItem['facts']): InventoryItem['facts'] {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? boundedText(value, LONGEST.fact) : value,
    ]),
  )
}
