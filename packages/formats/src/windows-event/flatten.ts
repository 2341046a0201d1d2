import type { ForeignRecord } from '../record-format.ts'
import {
  attributeName,
  fieldName,
  isSystemField,
  payloadFieldName,
  renderingFieldName,
  spacelessName,
  systemAttributeName,
  systemValue,
} from './fields.ts'

type Values = Readonly<Record<string, unknown>>

const MAX_DEPTH = 16

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A Windows event that some tool wrote as JSON, in the flat form of the records of EVTX files (`fields.ts`). Understands
 * `{Event: {System, EventData | UserData}}` with attributes under `#attributes`, `X_attributes`, `@x` or as members
 * (evtx_dump, Chainsaw, Velociraptor, converters from XML), also inside `data`; winlogbeat's `winlog`, nested or dotted, also inside
 * `_source`; and NXLog's flat records. A record that is flat already is returned as it is. Undefined: it looks like
 * none of them.
 */
export function flattenWindowsEvent(record: ForeignRecord): ForeignRecord | undefined {
  const { Event: event, System: system, winlog, EventID: eventId, data, _source: source } = record
  if (isValues(event)) return isValues(event['System']) ? flattenEvent(event) : undefined
  if (isValues(system)) return system['EventID'] === undefined ? undefined : flattenEvent(record)
  if (isValues(winlog)) return flattenWinlog(record, winlog)
  if (record['winlog.event_id'] !== undefined) return flattenDotted(record)
  if (eventId !== undefined) return flattenFlat(record)
  if (isValues(data) && isValues(data['Event'])) return flattenWindowsEvent(data)
  if (isValues(source) && (isValues(source['winlog']) || source['winlog.event_id'] !== undefined))
    return flattenWindowsEvent(source)
  return undefined
}

/** The fields of a record as they are found. */
class Fields {
  readonly record: Record<string, unknown> = {}
  /** The lists that were begun because a name came again. */
  readonly #lists = new Map<string, unknown[]>()

  /** Values of `System` are numbers where they can be. */
  setSystem(name: string, value: unknown): void {
    if (value !== undefined) this.record[name] = typeof value === 'string' ? systemValue(name, value) : value
  }

  add(name: string, value: unknown): void {
    const spaceless = spacelessName(name)
    if (spaceless !== undefined) this.#append(spaceless, value)
    this.#append(name, value)
  }

  #append(name: string, value: unknown): void {
    if (!Object.hasOwn(this.record, name)) {
      this.record[name] = value
      return
    }
    const list = this.#lists.get(name) ?? [this.record[name]].flat()
    this.#lists.set(name, list)
    this.record[name] = list
    list.push(value)
  }
}

function flattenEvent(event: Values): ForeignRecord {
  const fields = new Fields()
  for (const [name, value] of Object.entries(event)) {
    if (name === 'System') flattenSystem(value, fields)
    else if (isAttributes(name)) continue
    else if (isValues(value) || Array.isArray(value)) flattenSection(name, value, fields)
    else if (value !== null) fields.add(payloadFieldName('Event', name), value)
  }
  return fields.record
}

function flattenSystem(system: unknown, fields: Fields): void {
  if (!isValues(system)) return
  for (const [name, value] of Object.entries(system)) {
    if (name.endsWith('_attributes') && isValues(value)) {
      const element = name.slice(0, -'_attributes'.length)
      for (const [attribute, text] of Object.entries(value)) {
        fields.setSystem(systemAttributeName(element, attribute), text)
      }
    } else if (isValues(value)) {
      for (const [attribute, text] of Object.entries(membersOf(value))) {
        fields.setSystem(systemAttributeName(name, attribute), systemTime(attribute, text))
      }
      const text = textOf(value)
      if (text !== undefined) fields.setSystem(fieldName(name), text)
    } else if (value !== null || isSystemField(name)) fields.setSystem(fieldName(name), value)
  }
}

/** Velociraptor writes seconds. */
function systemTime(attribute: string, value: unknown): unknown {
  if (attribute !== 'SystemTime' || typeof value !== 'number' || !(Math.abs(value) < 8e12)) return value
  return new Date(value * 1000).toISOString()
}

function isAttributes(name: string): boolean {
  return name === '#attributes' || name === '$' || name.startsWith('@') || name.endsWith('_attributes')
}

function isText(name: string): boolean {
  return name === '#text' || name === '_' || name === 'Value'
}

function isNamespace(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:')
}

/** The attributes of an element as converters from XML mark them. */
function attributesOf(element: Values): Values {
  const attributes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(element)) {
    if ((name === '#attributes' || name === '$') && isValues(value)) {
      for (const [attribute, text] of Object.entries(value)) {
        if (!isNamespace(attribute)) attributes[fieldName(attribute)] = text
      }
    } else if (name.startsWith('@') && !isNamespace(name.slice(1)))
      attributes[fieldName(name.slice(1))] = value
  }
  return attributes
}

/** Attributes of an element of `System`, which has no children: all members but its text, however they are marked. */
function membersOf(element: Values): Values {
  const members: Record<string, unknown> = { ...attributesOf(element) }
  for (const [name, value] of Object.entries(element)) {
    if (!isAttributes(name) && !isText(name) && !isNamespace(name)) members[fieldName(name)] = value
  }
  return members
}

function textOf(element: Values): unknown {
  return element['#text'] ?? element['_'] ?? element['Value']
}

function flattenSection(section: string, value: unknown, fields: Fields): void {
  if (isValues(value)) {
    for (const [attribute, text] of Object.entries(attributesOf(value))) {
      fields.add(attributeName(section, attribute), text)
    }
    flattenPayload(section, value, fields, 0)
  } else flattenElement(section, section, value, fields, 0)
}

function flattenPayload(section: string, payload: Values, fields: Fields, depth: number): void {
  for (const [name, value] of Object.entries(payload)) {
    if (name.endsWith('_attributes') && isValues(value)) {
      for (const [attribute, text] of Object.entries(value)) {
        if (!isNamespace(attribute))
          fields.add(attributeName(name.slice(0, -'_attributes'.length), attribute), text)
      }
    } else if (!isAttributes(name))
      flattenElement(section, name === '#text' ? section : name, value, fields, depth)
  }
}

function flattenElement(section: string, name: string, value: unknown, fields: Fields, depth: number): void {
  if (depth > MAX_DEPTH) return
  if (Array.isArray(value)) {
    for (const each of value) flattenElement(section, name, each, fields, depth + 1)
    return
  }
  const plain = section === 'RenderingInfo' ? renderingFieldName(name) : payloadFieldName(section, name)
  if (!isValues(value)) {
    fields.add(plain, value)
    return
  }
  const attributes = attributesOf(value)
  const isData = name === 'Data' || name === 'ComplexData'
  const given = isData ? attributes['Name'] : undefined
  const fullName = typeof given === 'string' && given !== '' ? payloadFieldName(section, given) : plain
  for (const [attribute, text] of Object.entries(attributes)) {
    if (!isData || attribute !== 'Name') fields.add(attributeName(fullName, attribute), text)
  }
  const text = value['#text'] ?? value['_']
  const children = Object.keys(value).some((key) => !isAttributes(key) && key !== '#text' && key !== '_')
  if (children) flattenPayload(section, value, fields, depth + 1)
  else if (Array.isArray(text)) for (const each of text) fields.add(fullName, each)
  else fields.add(fullName, text ?? null)
}

/** winlogbeat's names for what is in `System`, below `winlog`. */
const WINLOG_SYSTEM: Readonly<Record<string, string>> = {
  activity_id: 'Correlation_ActivityID',
  channel: 'Channel',
  computer_name: 'Computer',
  event_id: 'EventID',
  keywords: 'Keywords',
  opcode: 'Opcode',
  'process.pid': 'Execution_ProcessID',
  'process.thread.id': 'Execution_ThreadID',
  provider_guid: 'Provider_Guid',
  provider_name: 'Provider_Name',
  record_id: 'EventRecordID',
  related_activity_id: 'Correlation_RelatedActivityID',
  task: 'Task',
  'user.identifier': 'Security_UserID',
  version: 'Version',
}

function flattenWinlog(record: ForeignRecord, winlog: Values): ForeignRecord | undefined {
  if (winlog['event_id'] === undefined) return undefined
  const fields = new Fields()
  for (const [path, name] of Object.entries(WINLOG_SYSTEM)) fields.setSystem(name, at(winlog, path))
  winlogRest(record, fields)
  for (const section of ['event_data', 'user_data']) {
    const payload = winlog[section]
    if (isValues(payload))
      flattenPayload(section === 'event_data' ? 'EventData' : 'UserData', payload, fields, 0)
  }
  return fields.record
}

function at(values: Values, path: string): unknown {
  let value: unknown = values
  for (const key of path.split('.')) value = isValues(value) ? value[key] : undefined
  return value
}

function winlogRest(record: ForeignRecord, fields: Fields): void {
  if (record['@timestamp'] !== undefined) fields.record['TimeCreated'] = record['@timestamp']
  if (record['message'] !== undefined) fields.record['Message'] = record['message']
}

function flattenDotted(record: ForeignRecord): ForeignRecord {
  const fields = new Fields()
  winlogRest(record, fields)
  for (const [key, value] of Object.entries(record)) {
    const [, section, rest] = /^winlog\.(?:(event_data|user_data)\.)?(.+)$/s.exec(key) ?? []
    if (rest === undefined) continue
    if (section !== undefined)
      flattenElement(section === 'event_data' ? 'EventData' : 'UserData', rest, value, fields, 0)
    else if (Object.hasOwn(WINLOG_SYSTEM, rest)) fields.setSystem(WINLOG_SYSTEM[rest] ?? rest, value)
  }
  return fields.record
}

/** Names of NXLog and of what was exported with it, for what has another name here. */
const FLAT_SYSTEM: Readonly<Record<string, string>> = {
  EventTime: 'TimeCreated',
  Hostname: 'Computer',
  ProviderGuid: 'Provider_Guid',
  RecordNumber: 'EventRecordID',
  SourceName: 'Provider_Name',
}

function flattenFlat(record: ForeignRecord): ForeignRecord | undefined {
  const { Channel: channel, Provider_Name: provider, SourceName: source } = record
  if (typeof channel !== 'string' && typeof provider !== 'string' && typeof source !== 'string')
    return undefined
  if (provider !== undefined || (typeof source !== 'string' && typeof record['Hostname'] !== 'string'))
    return record
  const fields: Record<string, unknown> = { ...record }
  for (const [theirs, ours] of Object.entries(FLAT_SYSTEM)) {
    if (fields[ours] === undefined && record[theirs] !== undefined) fields[ours] = record[theirs]
  }
  const { EventID: id } = record
  if (typeof id === 'string') fields['EventID'] = systemValue('EventID', id)
  return fields
}
