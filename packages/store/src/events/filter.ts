import type { TenantId } from '@vedette/model'
import type { Parameters } from './connection.ts'
import type { EventFilter, Page } from './event-store.ts'
import { microseconds } from './row.ts'

/** Columns in which `search` looks. */
const SEARCHED = [
  'cmd_line',
  'process_name',
  'process_path',
  'file_path',
  'message',
  'raw',
  'user',
  'account',
  'service',
  'src_ip',
  'dst_ip',
  'hostname',
  'id',
] as const

const MAX_SEARCH_LENGTH = 1000

export interface Condition {
  /** SQL after WHERE. Made of constants only: every value is a parameter. */
  readonly where: string
  readonly parameters: Parameters
}

/** The condition of a filter within a tenant. */
export function conditionOf(tenant: TenantId, filter: EventFilter): Condition {
  const parts = ['tenant = {tenant:String}']
  const parameters: Record<string, string | number | readonly string[]> = { tenant }
  const add = (part: string, name: string, value: string | number | readonly string[]) => {
    parts.push(part)
    parameters[name] = value
  }
  if (filter.kind !== undefined) add('kind = {kind:String}', 'kind', filter.kind)
  if (filter.kinds !== undefined) add('kind IN {kinds:Array(String)}', 'kinds', filter.kinds)
  if (filter.activity !== undefined) add('activity = {activity:String}', 'activity', filter.activity)
  if (filter.otherThan !== undefined) add('activity != {other_than:String}', 'other_than', filter.otherThan)
  if (filter.host !== undefined) add('agent = {host:String}', 'host', filter.host)
  if (filter.processUid !== undefined) add('process_uid = {process:String}', 'process', filter.processUid)
  if (filter.since !== undefined) {
    add('time >= fromUnixTimestamp64Micro({since:Int64})', 'since', microseconds(filter.since))
  }
  if (filter.until !== undefined) {
    add('time < fromUnixTimestamp64Micro({until:Int64})', 'until', microseconds(filter.until))
  }
  if (filter.port !== undefined) {
    add('(src_port = {port:UInt16} OR dst_port = {port:UInt16})', 'port', filter.port)
  }
  if (filter.addresses !== undefined) {
    const within = (column: string) =>
      `ifNull(toIPv6OrNull(toString(${column})) BETWEEN toIPv6({first:String}) AND toIPv6({last:String}), 0)`
    add(`(${within('src_ip')} OR ${within('dst_ip')})`, 'first', filter.addresses.first)
    parameters['last'] = filter.addresses.last
  }
  if (filter.processName !== undefined && filter.processName !== '') {
    const name = bounded('processName', filter.processName)
    add('positionCaseInsensitiveUTF8(process_name, {process_name:String}) > 0', 'process_name', name)
  }
  if (filter.transport !== undefined) {
    // Of the two the one that such an event has.
    const transport = `if(kind = 'network', JSONExtractString(event, 'protocol'), JSONExtractString(event, 'transport'))`
    add(`${transport} = {transport:String}`, 'transport', filter.transport)
  }
  if (filter.flow !== undefined) {
    const flow = `if(kind = 'network', JSONExtractString(event, 'flow', 'uid'), JSONExtractString(event, 'flow_uid'))`
    add(`${flow} = {flow:String}`, 'flow', filter.flow)
  }
  if (filter.byPackageManager !== undefined) {
    const by = `JSONExtractBool(event, 'integrity', 'by_package_manager')`
    add(`${by} = {by_package_manager:UInt8}`, 'by_package_manager', filter.byPackageManager ? 1 : 0)
  }
  if (filter.anywhere !== undefined && filter.anywhere !== '') {
    // As it stands between the quotes of the event's text.
    const text = JSON.stringify(bounded('anywhere', filter.anywhere)).slice(1, -1)
    add('positionCaseInsensitiveUTF8(event, {anywhere:String}) > 0', 'anywhere', text)
  }
  if (filter.search !== undefined && filter.search !== '') {
    const found = SEARCHED.map((column) => `positionCaseInsensitiveUTF8(${column}, {search:String}) > 0`)
    add(`(${found.join(' OR ')})`, 'search', bounded('search', filter.search))
  }
  return { where: parts.join(' AND '), parameters }
}

function bounded(name: string, text: string): string {
  if (text.length > MAX_SEARCH_LENGTH) {
    throw new RangeError(`${name} must be at most ${MAX_SEARCH_LENGTH} characters, got ${text.length}`)
  }
  return text.toWellFormed()
}

/** @throws {RangeError} when limit or offset is outside of its range */
export function boundsOf(page: Page = {}): { limit: number; offset: number } {
  return {
    limit: whole('limit', page.limit ?? 50, 1, 1000),
    offset: whole('offset', page.offset ?? 0, 0, 100_000),
  }
}

/** @throws {RangeError} when `value` is not a whole number within the range */
export function whole(name: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, got ${value}`)
  }
  return value
}
