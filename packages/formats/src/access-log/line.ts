import type { LogSource } from '@vedette/model'

/** `access` is Sigma's service for this log, as against the error log. */
export const ACCESS: LogSource = { category: 'webserver', service: 'access' }
/** The identity is a hyphen but where identd still runs; so a virtual host before the address is told from it. */
const CLIENT = String.raw`(?:(?:(?<host>\S+) )??(?<address>\S+) - (?<user>\S.*?|)|(?<peer>\S+) \S+ (?<name>\S+)) ?`
const TIME = String.raw`\[(?<time>\d{1,2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\]`
const quoted = (name: string): string => String.raw`"(?<${name}>(?:[^"\\]|\\.)*)"`
const LINE = new RegExp(
  String.raw`^${CLIENT}${TIME} ${quoted('request')} (?<status>\d{3}|-) (?<bytes>\d+|-)(?: ${quoted('referer')} ${quoted('agent')})?`,
)

/** Whether a line is one of an access log. */
export function isAccessLine(line: string): boolean {
  return LINE.test(line)
}

/** Reads a line of an access log. */
export function readAccessLine(line: string): Record<string, string> | undefined {
  const parts = LINE.exec(line)?.groups
  if (parts === undefined) return undefined
  const { host, address, peer, user, name, time = '', request = '', status, bytes, referer, agent } = parts
  const record: Record<string, string> = { 'c-ip': address ?? peer ?? '', timestamp: isoTime(time) }
  set(record, 'cs-host', host?.replace(/:\d+$/, ''))
  set(record, 'cs-username', user ?? name)
  set(record, 'sc-status', status)
  set(record, 'sc-bytes', bytes)
  set(record, 'cs-referer', referer)
  set(record, 'cs-user-agent', agent)
  set(record, 'c-useragent', agent)
  addRequest(record, unescapeQuoted(request))
  return record
}

function set(record: Record<string, string>, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '-' && value !== '') record[name] = unescapeQuoted(value)
}

/** Adds a request line. What is none (a scanner's bytes, a TLS hello) is the target as a whole: it is what the client sent. */
export function addRequest(record: Record<string, string>, request: string): void {
  if (request === '-' || request === '') return
  const parts = /^([A-Za-z_-]{1,32}) (.*?)(?: (HTTP\/[\d.]+))?$/s.exec(request)
  const target = parts?.[2] ?? request
  if (parts?.[1] !== undefined) record['cs-method'] = parts[1]
  if (parts?.[3] !== undefined) record['cs-version'] = parts[3]
  const mark = target.indexOf('?')
  record['cs-uri'] = target
  record['c-uri'] = target
  record['cs-uri-stem'] = mark === -1 ? target : target.slice(0, mark)
  record['cs-uri-query'] = target
}

/** Both servers write quotes and what is not printable with a backslash. */
function unescapeQuoted(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(
    /\\(?:x([0-9A-Fa-f]{2})|(["\\]))/g,
    (whole, hex: string | undefined, plain: string | undefined) =>
      hex === undefined ? (plain ?? whole) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `20/Nov/2026:07:52:01 +0100` as ISO text. */
function isoTime(text: string): string {
  const [day = '', month = '', year = '', hour = '', minute = '', second = '', zone = ''] =
    text.split(/[/: ]/)
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
  return `${year}-${number}-${day.padStart(2, '0')}T${hour}:${minute}:${second}${zone.slice(0, 3)}:${zone.slice(3)}`
}
