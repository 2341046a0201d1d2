import type { LogSource } from '@vedette/model'
import { plainKind } from '../ndjson/json-kind.ts'

/**
 * Suricata's EVE records ("EVE JSON Format", Suricata user guide). SigmaHQ has no rules of Suricata's own; its names for
 * network logs of any tool are given as category.
 */
export const suricataKind = plainKind(
  'event_type',
  ({ event_type: type, timestamp, flow_id: flow, stats }) => {
    if (typeof type !== 'string' || typeof timestamp !== 'string') return undefined
    if (flow === undefined && stats === undefined) return undefined
    const category = CATEGORIES.get(type)
    const source: LogSource = { product: 'suricata', service: type }
    return category === undefined ? source : { ...source, category }
  },
)

const CATEGORIES: ReadonlyMap<string, string> = new Map([['dns', 'dns']])
