import type { RatePoint } from '../api/documents.ts'
import { usePreferences } from '../preferences.ts'
import { plural } from '../text/numbers.ts'
import { clock } from '../time/format.ts'

const LABELS = 5

/** Bars over time: how many events, and in red where alerts are among them. */
export function Lane({
  points,
  label,
  tall = false,
  at,
}: {
  readonly points: readonly RatePoint[]
  readonly label: string
  readonly tall?: boolean
  /** A moment to point at. */
  readonly at?: string
}) {
  const { utc } = usePreferences()
  const most = Math.max(1, ...points.map(({ events }) => events))
  const events = points.reduce((sum, point) => sum + point.events, 0)
  const alerts = points.reduce((sum, point) => sum + point.alerts, 0)
  const times = points.map(({ time }) => Date.parse(time))
  const [first = 0] = times
  const step = times.length > 1 ? (times[1] ?? 0) - first : 60_000
  const end = (times.at(-1) ?? 0) + step
  const moment = at === undefined ? undefined : (Date.parse(at) - first) / (end - first)
  return (
    <div
      className={tall ? 'lane tall' : 'lane'}
      role="img"
      aria-label={`${label}: ${plural(events, 'event')}, ${plural(alerts, 'alert')}, from ${clock(first, utc, 'minutes')} to ${clock(end, utc, 'minutes')}`}
    >
      <div className="lane-bars">
        {points.map((point, index) => (
          <i
            key={point.time}
            className={point.alerts > 0 ? 'alerted' : undefined}
            title={`${clock(times[index] ?? 0, utc, 'seconds')}  ${plural(point.events, 'event')}${point.alerts > 0 ? `, ${plural(point.alerts, 'alert')}` : ''}`}
          >
            <u style={{ height: `${barHeight(point, most)}%` }} />
          </i>
        ))}
        {moment !== undefined && moment >= 0 && moment <= 1 && (
          <b className="moment" style={{ left: `${moment * 100}%` }} />
        )}
      </div>
      <div className="lane-times" aria-hidden="true">
        {Array.from({ length: LABELS }, (_, index) => (
          <span key={index}>{clock(first + ((end - first) * index) / (LABELS - 1), utc, 'minutes')}</span>
        ))}
      </div>
    </div>
  )
}

/** By the square root, so that a burst does not flatten the rest; an alert is never invisible. */
function barHeight({ events, alerts }: RatePoint, most: number): number {
  const height = events === 0 ? 0 : 6 + 94 * Math.sqrt(events / most)
  return Math.round(alerts > 0 ? Math.max(height, 30) : height)
}
