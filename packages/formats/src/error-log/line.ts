import type { LogSource } from '@vedette/model'
import { addressFacts } from '../auth/address.ts'
import { addRequest } from '../access-log/line.ts'

export const NGINX: LogSource = { product: 'nginx', service: 'nginx' }
export const APACHE: LogSource = { product: 'apache', service: 'apache' }

export interface ErrorLine {
  readonly record: Readonly<Record<string, string>>
  readonly source: LogSource
}

/** nginx, "Core functionality", `error_log`: its time is local and names no zone. */
const NGINX_LINE =
  /^(?<time>\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}:\d{2}) \[(?<level>\w{1,16})\] (?<pid>\d{1,10})#\d{1,10}: (?:\*\d{1,20} )?(?<message>.*)$/s
/** Apache 2.4, `ErrorLogFormat`, as it is without one; and that of 2.2. */
const APACHE_LINE =
  /^\[(?<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}(?:\.\d{1,6})? \d{4})\] \[(?:(?<module>\w{0,32}):)?(?<level>\w{1,16})\] (?:\[pid (?<pid>\d{1,10})(?::tid \d{1,20})?\] )?(?<message>.*)$/s
const APACHE_CLIENT = /(?:^|: )\[client (?<address>[0-9a-fA-F.:]{2,64}?)(?::(?<port>\d{1,5}))?\] /

/** Reads a line of an error log of nginx or Apache. Names of fields are those of the access log, and `level`, `module`, `pid`. */
export function readErrorLine(line: string): ErrorLine | undefined {
  const nginx = NGINX_LINE.exec(line)?.groups
  if (nginx !== undefined) return { record: nginxRecord(nginx), source: NGINX }
  const apache = APACHE_LINE.exec(line)?.groups
  return apache && { record: apacheRecord(apache), source: APACHE }
}

type Groups = Readonly<Record<string, string | undefined>>

function nginxRecord({ time = '', level = '', pid = '', message = '' }: Groups): Record<string, string> {
  const record: Record<string, string> = {
    message,
    timestamp: time.replaceAll('/', '-').replace(' ', 'T'),
    level,
    pid,
  }
  const client = /, client: ([0-9a-fA-F.:]{2,64})/.exec(message)?.[1]
  const { address } = addressFacts(client, undefined)
  if (address !== undefined) record['c-ip'] = address
  const host = /, host: "([^"]{1,255})"/.exec(message)?.[1]
  if (host !== undefined) record['cs-host'] = host
  const request = /, request: "([^"]{1,8192})"/.exec(message)?.[1]
  if (request !== undefined) addRequest(record, request)
  return record
}

function apacheRecord({
  time = '',
  level = '',
  module: name,
  pid,
  message = '',
}: Groups): Record<string, string> {
  const record: Record<string, string> = { message, timestamp: apacheTime(time), level }
  if (name !== undefined && name !== '') record['module'] = name
  if (pid !== undefined) record['pid'] = pid
  const client = APACHE_CLIENT.exec(message)?.groups
  const { address } = addressFacts(client?.['address'], undefined)
  if (address !== undefined) record['c-ip'] = address
  const code = /\bAH\d{5}\b/.exec(message)?.[0]
  if (code !== undefined) record['code'] = code
  return record
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Fri Nov 20 10:00:00.123456 2026` as ISO text without a zone: it is local, and names none. */
function apacheTime(text: string): string {
  const [, month = '', day = '', time = '', year = ''] = text.split(/ +/)
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day.padStart(2, '0')}T${time}`
}
