/**
 * How the parts of a Windows event are named in a flat record, for every form in which such events arrive. The names are
 * those that SigmaHQ's rules use and that Hayabusa, Chainsaw and Zircolite know.
 *
 * - `System`: an element's text has the element's name (`EventID`, `Channel`), an attribute has `Element_Attribute`
 *   (`Provider_Name`, `Execution_ProcessID`, `Security_UserID`), but the time is `TimeCreated`.
 * - `EventData`, `UserData` and other sections: `<Data Name="x">` is `x`, an element without children has its own name,
 *   `<Data>` without a name is `Data`. A name that occurs again has a list of its values.
 * - `System` wins: a payload's `Channel` is `UserData_Channel`, because rules are routed by what `Channel` means.
 * - Rules write names with spaces without them: `Threat Name` is given as `ThreatName` too.
 */

/** Names that only `System` gives. */
const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  'Channel',
  'Computer',
  'Correlation_ActivityID',
  'Correlation_RelatedActivityID',
  'EventID',
  'EventID_Qualifiers',
  'EventRecordID',
  'Execution_ProcessID',
  'Execution_ThreadID',
  'Keywords',
  'Level',
  'Opcode',
  'Provider_EventSourceName',
  'Provider_Guid',
  'Provider_Name',
  'Security_UserID',
  'Task',
  'TimeCreated',
  'Version',
])

/** Of those, the ones that are numbers however they are written. */
const SYSTEM_NUMBERS: ReadonlySet<string> = new Set([
  'EventID',
  'EventID_Qualifiers',
  'EventRecordID',
  'Execution_ProcessID',
  'Execution_ThreadID',
  'Level',
  'Opcode',
  'Task',
  'Version',
])

/** Names are cut here before anything is put before or behind them, so that one long name does not become many. */
const MAX_NAME_UNITS = 512

function joined(first: string, second: string): string {
  return fieldName(`${first.slice(0, MAX_NAME_UNITS)}_${second.slice(0, MAX_NAME_UNITS)}`)
}

/** Elements of `System` that are there for their attributes alone; without any of them they say nothing. */
const ATTRIBUTE_ELEMENTS: ReadonlySet<string> = new Set([
  'Correlation',
  'Execution',
  'Provider',
  'Security',
  'TimeCreated',
])

/** Whether an element of `System` that holds no text is a field without a value, as an empty `Channel` is. */
export function isSystemField(element: string): boolean {
  return !ATTRIBUTE_ELEMENTS.has(element)
}

/** Name of an attribute of an element of `System`. */
export function systemAttributeName(element: string, attribute: string): string {
  return element === 'TimeCreated' && attribute === 'SystemTime' ? 'TimeCreated' : joined(element, attribute)
}

/** Name of an attribute of a section or of an element in it that is called so. */
export function attributeName(element: string, attribute: string): string {
  return joined(element, attribute)
}

/** Name of a value of a payload, whose section is `EventData`, `UserData`, ... */
export function payloadFieldName(section: string, name: string): string {
  return SYSTEM_NAMES.has(name) ? joined(section, name) : fieldName(name)
}

/** Forwarded events carry their text rendered: the message is one of the event's, the rest is a translation of `System`. */
export function renderingFieldName(element: string): string {
  return element === 'Message' ? 'Message' : joined('RenderingInfo', element)
}

/** The name under which rules look for a name with spaces; undefined when it is the name itself. */
export function spacelessName(name: string): string | undefined {
  return name.includes(' ') ? fieldName(name.replaceAll(' ', '')) : undefined
}

/** A record is a plain object: the one name that would mean its prototype is written differently. */
export function fieldName(name: string): string {
  return name === '__proto__' ? '_proto_' : name
}

/** A value of `System` that was written as text: `'4688'` is 4688 where the field is a number. */
export function systemValue(name: string, text: string): string | number {
  return SYSTEM_NUMBERS.has(name) && /^\d{1,15}$/.test(text) ? Number(text) : text
}
