import { graphql, type ResultOf } from '@vedette/client'

export const pictureQuery = graphql(`
  query Monitor {
    overview {
      sentence
      event_rate {
        time
        events
        alerts
      }
    }
    analytics_metrics {
      events_total
      events_per_second
      events_lost
      alerts_open
      incidents_open
    }
    analytics_alerts(limit: 50) {
      id
      title
      severity
      status
      time
      last_seen
      count
      host
      process {
        name
        pid
      }
    }
    hosts {
      id
      hostname
      state
      events_per_second
      spooled
      lost
      memory_bytes
      parts {
        name
        state
        lost
      }
    }
  }
`)

/** What the screen shows at one moment. */
export type Picture = ResultOf<typeof pictureQuery>

const BARS = '▁▂▃▄▅▆▇█'

/** A line of bars, one a value, scaled to the largest; the newest `width` values. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width)
  const largest = Math.max(...shown, 0)
  return shown
    .map((value) => {
      if (largest === 0 || value <= 0) return BARS[0] ?? ''
      return BARS[Math.min(BARS.length - 1, Math.floor((value / largest) * (BARS.length - 1) + 0.5))] ?? ''
    })
    .join('')
}
