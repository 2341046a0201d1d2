import type { LogSource } from '@vedette/model'
import { type SaxesAttributeNS, SaxesParser } from 'saxes'
import type { SourcedRecord } from '../ndjson/json-kind.ts'

/** Longest event, UTF-16 units, and most fields of one. */
const MAX_EVENT = 262_144
const MAX_FIELDS = 256

/** Sigma's category of each event that Sysmon for Linux writes ("Events", Sysmon, Sysinternals). */
const CATEGORIES: Readonly<Record<number, string>> = {
  1: 'process_creation',
  3: 'network_connection',
  4: 'sysmon_status',
  5: 'process_termination',
  9: 'raw_access_thread',
  10: 'process_access',
  11: 'file_event',
  16: 'sysmon_status',
  23: 'file_delete',
}
const SOURCES: ReadonlyMap<number, LogSource> = new Map(
  Object.entries(CATEGORIES).map(([id, category]) => [
    Number(id),
    { product: 'linux', category, service: 'sysmon' },
  ]),
)
const OTHER: LogSource = { product: 'linux', service: 'sysmon' }

/**
 * Reads an `<Event>` of Sysmon for Linux into a flat record: every `Data` of `EventData` by its name, and of `System`
 * `EventID` (number), `Computer`, `Channel`, `Provider_Name`, `EventRecordID`, `Level`, `TimeCreated`. `undefined` where
 * the text is none, or ends before its end.
 */
export function readSysmonEvent(text: string): SourcedRecord | undefined {
  if (text.length > MAX_EVENT) return undefined
  const record: Record<string, unknown> = {}
  const path: string[] = []
  let name = ''
  let value = ''
  let fields = 0
  let broken = false
  let complete = false
  const parser = new SaxesParser({ fragment: true })
  // Declarations and entities of their own have no place in an event.
  parser.on('doctype', () => {
    broken = true
  })
  parser.on('error', () => {
    broken = true
  })
  parser.on('opentag', ({ name: tag, attributes }) => {
    path.push(tag)
    value = ''
    name = tag
    const attribute = (key: string): string | undefined => attributeOf(attributes[key])
    if (path[1] === 'EventData') name = attribute('Name') ?? tag
    else if (tag === 'Provider') record['Provider_Name'] = attribute('Name')
    else if (tag === 'TimeCreated') record['TimeCreated'] = attribute('SystemTime')
  })
  parser.on('text', (piece) => {
    value += piece
  })
  parser.on('closetag', ({ name: tag }) => {
    if (path.length === 3 && (path[1] === 'EventData' || SYSTEM.has(tag))) {
      fields += 1
      if (fields > MAX_FIELDS) broken = true
      else if (value !== '' || path[1] === 'EventData')
        record[name] = NUMBERS.has(name) ? numberOf(value) : value
    }
    path.pop()
    if (path.length === 0 && tag === 'Event') complete = true
    value = ''
  })
  parser.write(text.trimEnd().replace(NO_XML, '\ufffd')).close()
  const { EventID: id } = record
  if (broken || !complete || typeof id !== 'number') return undefined
  return { record, source: sysmonSource(id) }
}

/** Where an event of Sysmon for Linux comes from, by its `EventID`. */
export function sysmonSource(eventId: unknown): LogSource {
  return SOURCES.get(Number(eventId)) ?? OTHER
}

/** Characters that XML has no room for, in a command line as good as others: they must not cost the event. */
const NO_XML =
  /[^\t\n\r -\ufffd\u{10000}-\u{10ffff}]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[\da-f]|d[89a-f][\da-f]{2}));/giu

const SYSTEM = new Set(['EventID', 'Computer', 'Channel', 'EventRecordID', 'Level'])
const NUMBERS = new Set(['EventID', 'EventRecordID', 'Level'])

function numberOf(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function attributeOf(value: string | SaxesAttributeNS | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.value
}
