import type { ForeignRecord } from '@vedette/formats'

/**
 * When a record happened, milliseconds since the epoch; undefined where it does not say. The first of these names that is a
 * time counts. Each is read where it is named, and not in a loop over a list: that takes a tenth of the time.
 */
export function timeOf(record: ForeignRecord): number | undefined {
  return (
    toTime(record['TimeCreated']) ??
    toTime(record['@timestamp']) ??
    toTime(record['UtcTime']) ??
    toTime(record['timestamp']) ??
    toTime(record['time']) ??
    toTime(record['EventTime']) ??
    toTime(record['ts']) ??
    toTime(record['eventTime']) ??
    toTime(record['event_time']) ??
    toTime(record['SystemTime']) ??
    toTime(record['datetime']) ??
    toTime(record['date']) ??
    toTime(record['Timestamp']) ??
    toTime(record['CreationUtcTime']) ??
    toTime(record['_time']) ??
    toTime(record['rt'])
  )
}

/** On which machine it happened; empty where it does not say. Read as `timeOf` reads. */
export function hostOf(record: ForeignRecord): string {
  return (
    toHost(record['Computer']) ??
    toHost(record['host']) ??
    toHost(record['hostname']) ??
    toHost(record['Hostname']) ??
    toHost(record['HostName']) ??
    toHost(record['host_name']) ??
    toHost(record['computer_name']) ??
    toHost(record['ComputerName']) ??
    toHost(record['dvchost']) ??
    toHost(record['device']) ??
    toHost(record['agent']) ??
    toHost(record['node']) ??
    ''
  )
}

function toHost(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return value === '' ? undefined : value.slice(0, 300)
  if (typeof value !== 'object' || value === null) return undefined
  const { name, hostname } = value as Record<string, unknown>
  const found = typeof hostname === 'string' ? hostname : name
  return typeof found === 'string' && found !== '' ? found.slice(0, 300) : undefined
}

/** Years that a time may lie in: what is outside was some other number. */
const EARLIEST_MS = Date.UTC(1980, 0, 1)
const LATEST_MS = Date.UTC(2200, 0, 1)

/** A date and a time; sources that write no zone mean UTC. */
const DATE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)\s?(Z|[+-]\d\d:?\d\d)?$/
const NUMBER = /^\d{9,19}(\.\d{1,9})?$/

function toTime(value: unknown): number | undefined {
  if (value === undefined) return undefined
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
