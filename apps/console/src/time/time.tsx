import { usePreferences } from '../preferences.ts'
import { clock, day, exact, longAgo, shortAgo, shortUntil } from './format.ts'
import { useNow } from './now.ts'

/** A time as people say it; the exact one on hover. In UTC mode it shows the clock instead. */
export function Ago({ at, long = false }: { readonly at: string; readonly long?: boolean }) {
  const now = useNow()
  const { utc } = usePreferences()
  const time = Date.parse(at)
  const words = long ? longAgo(time, now) : shortAgo(time, now)
  return (
    <time dateTime={at} title={exact(time, utc)}>
      {words}
    </time>
  )
}

/** A time to come, as the time until it; the exact one on hover. */
export function Until({ at }: { readonly at: string }) {
  const now = useNow()
  const { utc } = usePreferences()
  const time = Date.parse(at)
  return (
    <time dateTime={at} title={exact(time, utc)}>
      {time > now ? `in ${shortUntil(time, now)}` : 'over'}
    </time>
  )
}

/** A time of day, with the date in front where it was another day; exact on hover. */
export function Clock({
  at,
  precision = 'milliseconds',
}: {
  readonly at: string
  readonly precision?: 'minutes' | 'seconds' | 'milliseconds'
}) {
  const now = useNow()
  const { utc } = usePreferences()
  const time = Date.parse(at)
  const sameDay = day(time, utc) === day(now, utc)
  const old = now - time > 86_400_000 && !sameDay
  return (
    <time dateTime={at} title={exact(time, utc)}>
      {old ? longAgo(time, now) : clock(time, utc, precision)}
    </time>
  )
}
