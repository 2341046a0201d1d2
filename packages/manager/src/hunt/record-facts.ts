import type { ForeignRecord } from '@vedette/formats'

/** Names under which records carry when they happened; the first that is a time counts. */
const TIME_FIELDS = [
  'TimeCreated',
  '@timestamp',
  'UtcTime',
  'timestamp',
  'time',
  'EventTime',
  'ts',
  'eventTime',
  'event_time',
  'SystemTime',
  'datetime',
  'date',
  'Timestamp',
  'CreationUtcTime',
  '_time',
  'rt',
] as const

const HOST_FIELDS = [
  'Computer',
  'host',
  'hostname',
  'Hostname',
  'HostName',
  'host_name',
  'computer_name',
  'ComputerName',
  'dvchost',
  'device',
  'agent',
  'node',
] as const

/** When a record happened, milliseconds since the epoch; undefined where it does not say. */
export function timeOf(record: ForeignRecord): number | undefined {
  for (const name of TIME_FIELDS) {
    const time = toTime(record[name])
    if (time !== undefined) return time
  }
  return undefined
}

/** On which machine it happened; empty where it does not say. */
export function hostOf(record: ForeignRecord): string {
  for (const name of HOST_FIELDS) {
    const value = record[name]
    if (typeof value === 'string' && value !== '') return value.slice(0, 300)
    if (typeof value === 'object' && value !== null) {
      const { name: inner, hostname } = value as Record<string, unknown>
      const found = typeof hostname === 'string' ? hostname : inner
      if (typeof found === 'string' && found !== '') return found.slice(0, 300)
    }
  }
  return ''
}

/** Years that a time may lie in: what is outside was some other number. */
const EARLIEST_MS = Date.UTC(1980, 0, 1)
const LATEST_MS = Date.UTC(2200, 0, 1)

/** A date and a time; sources that write no zone mean UTC. */
const DATE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)\s?(Z|[+-]\d\d:?\d\d)?$/
const NUMBER = /^\d{9,19}(\.\d{1,9})?$/

function toTime(value: unknown): number | undefined {
  if (typeof value === 'number') return within(epoch(value))
  if (typeof value !== 'string' || value.length > 40 || value.length < 9) return undefined
  const found = DATE.exec(value)
  if (found) {
    // Digits beyond milliseconds are not for `Date`.
    const clock = (found[2] ?? '').replace(',', '.').replace(/(\.\d{3})\d+$/, '$1')
    const zone = (found[3] ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
    return within(Date.parse(`${found[1]}T${clock}${zone}`))
  }
  return NUMBER.test(value) ? within(epoch(Number(value))) : undefined
}

/** Seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by their size. */
function epoch(value: number): number {
  if (value < 1e11) return value * 1000
  if (value < 1e14) return value
  return value < 1e17 ? value / 1000 : value / 1e6
}

function within(timeMs: number): number | undefined {
  return timeMs >= EARLIEST_MS && timeMs < LATEST_MS ? timeMs : undefined
}
