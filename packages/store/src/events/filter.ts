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
  const parameters: Record<string, string | number> = { tenant }
  const add = (part: string, name: string, value: string | number) => {
    parts.push(part)
    parameters[name] = value
  }
  if (filter.kind !== undefined) add('kind = {kind:String}', 'kind', filter.kind)
  if (filter.host !== undefined) add('agent = {host:String}', 'host', filter.host)
  if (filter.processUid !== undefined) add('process_uid = {process:String}', 'process', filter.processUid)
  if (filter.since !== undefined) {
    add('time >= fromUnixTimestamp64Micro({since:Int64})', 'since', microseconds(filter.since))
  }
  if (filter.until !== undefined) {
    add('time < fromUnixTimestamp64Micro({until:Int64})', 'until', microseconds(filter.until))
  }
  if (filter.search !== undefined && filter.search !== '') {
    if (filter.search.length > MAX_SEARCH_LENGTH) {
      throw new RangeError(
        `search must be at most ${MAX_SEARCH_LENGTH} characters, got ${filter.search.length}`,
      )
    }
    const found = SEARCHED.map((column) => `positionCaseInsensitiveUTF8(${column}, {search:String}) > 0`)
    add(`(${found.join(' OR ')})`, 'search', filter.search.toWellFormed())
  }
  return { where: parts.join(' AND '), parameters }
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
