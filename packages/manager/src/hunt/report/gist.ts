/** Fields that say most of what a record is about, the best first. */
const TELLING = [
  'CommandLine',
  'ProcessCommandLine',
  'ScriptBlockText',
  'Payload',
  'cmd_line',
  'TargetObject',
  'TargetFilename',
  'ImageLoaded',
  'PipeName',
  'QueryName',
  'query',
  'DestinationHostname',
  'DestinationIp',
  'TargetImage',
  'ServiceName',
  'ImagePath',
  'TaskName',
  'ShareName',
  'ObjectName',
  'NewProcessName',
  'Image',
  'message',
  'msg',
  'Message',
  'TargetUserName',
  'SubjectUserName',
] as const

const LONGEST = 400
/** Fields that are told where none of the above is there, and those that say nothing of what happened. */
const MOST_FIELDS = 4
const SILENT = new Set([
  'Channel',
  'Provider_Name',
  'Computer',
  'EventRecordID',
  'TimeCreated',
  'timestamp',
  'time',
  'ts',
])

/** What a record is about, in one field or a few, for people. Not made safe for any sink. */
export function gistOf(event: string): string {
  let record: Record<string, unknown>
  try {
    record = JSON.parse(event) as Record<string, unknown>
  } catch {
    return event.slice(0, LONGEST)
  }
  for (const name of TELLING) {
    const value = record[name]
    if (typeof value === 'string' && value !== '' && value !== '-') return value.slice(0, LONGEST)
    if (typeof value === 'number') return `${name}=${value}`
  }
  const parts = Object.entries(record).filter(
    ([name, value]) => !SILENT.has(name) && value !== '' && value !== null,
  )
  return parts
    .slice(0, MOST_FIELDS)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
    .slice(0, LONGEST)
}
