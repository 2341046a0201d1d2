import { visible } from '@vedette/base'
import type { UsageEvent } from '@vedette/model'
import { shortText } from '../../bounded-text.ts'
import { nameOf } from '../kernel/words.ts'

const LONGEST_CGROUP = 200

/** `xmrig (4711) uses 3.9 cores, usually 0.1 (± 0.1, of 640 samples)`. */
export function usageMessage(event: UsageEvent): string {
  const { activity, baseline, value, limit, percent } = event
  const amount = amountOf(event, value)
  const kept = limit === undefined || percent === undefined ? '' : `, ${Math.round(percent)} % of what it may`
  if (activity === 'normal')
    return `${subjectOf(event)} is back at ${amount} after ${secondsOf(event.duration_ms)}`
  const usual =
    baseline.state === 'learning'
      ? 'what is usual is not known yet'
      : `usually ${amountOf(event, baseline.mean)} (± ${amountOf(event, baseline.deviation)}, of ${baseline.samples} samples)`
  const verb = event.resource === 'pressure' ? 'is at' : 'uses'
  return `${subjectOf(event)} ${verb} ${amount} for ${secondsOf(event.duration_ms)}${kept}; ${usual}`
}

function subjectOf({ process, cgroup, resource, pressure_of: of }: UsageEvent): string {
  if (process !== undefined) return `${nameOf(process)} (${process.pid})`
  const whose = cgroup === undefined ? 'the host' : `cgroup ${visible(shortText(cgroup, LONGEST_CGROUP))}`
  return resource === 'pressure' ? `the time that programs wait for ${of ?? 'resources'} in ${whose}` : whose
}

const MIB = 1 << 20

function amountOf({ resource }: UsageEvent, value: number): string {
  switch (resource) {
    case 'cpu':
      return `${value.toFixed(2)} cores`
    case 'memory':
      return `${(value / MIB).toFixed(1)} MiB`
    case 'io':
      return `${(value / MIB).toFixed(1)} MiB/s`
    case 'pressure':
      return `${value.toFixed(1)} %`
    default:
      return `${Math.round(value)} ${resource}`
  }
}

function secondsOf(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
