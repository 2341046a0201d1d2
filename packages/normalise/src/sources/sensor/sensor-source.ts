import { visible } from '@vedette/base'
import type { SensorEnd, SensorEvent, SensorRecord } from '@vedette/model'
import { shortText } from '../../bounded-text.ts'
import type { EventFactory } from '../../event-factory.ts'

/** Its source, as Events name it. */
const PROVIDER = 'vedette'
const LONGEST_DETAIL = 300

/** The Event of what the agent noticed of itself. */
export function sensorEventOf(
  { source: _source, timeMs, ...noticed }: SensorRecord,
  events: EventFactory,
): SensorEvent {
  const event: SensorEvent = {
    ...events.base(timeMs, PROVIDER),
    ...noticed,
    kind: 'sensor',
    class_uid: 0,
  }
  return { ...event, message: sensorMessage(event) }
}

/** `ebpf lost 1204 records (exec 4, file 1200)`. */
function sensorMessage({
  activity,
  part,
  cause,
  lost,
  lost_by_kind: kinds,
  duration_ms: ms,
  detail,
  ended_by: end,
}: SensorEvent): string {
  const by = Object.entries(kinds ?? {}).map(([kind, count]) => `${kind} ${count}`)
  const loss = lost === 0 ? '' : `${lost} lost${by.length > 0 ? ` (${by.join(', ')})` : ''}`
  const name = visible(part)
  if (activity === 'restored' && cause === 'silent')
    return `${name} is heard again after ${Math.round(ms / 1000)} s`
  if (activity === 'restored' && cause === 'altered') return `${name} verifies again`
  if (activity === 'restored')
    return `${name} sees as before again after ${Math.round(ms / 1000)} s${loss === '' ? ', nothing lost that is known of' : `, ${loss}`}`
  const what = {
    loss: `${name} does not keep up`,
    failed: `${name} failed and is started again`,
    stuck: `${name} did not answer and is started again`,
    budget: `${name} is held back to stay within its budget`,
    silent: `${name} tells nothing any more`,
    altered: `${name} was altered`,
    cloned: `${name} was copied: another one comes with its identity`,
  }[cause]
  const why = detail === undefined ? '' : `: ${visible(shortText(detail, LONGEST_DETAIL))}`
  return `${what}${loss === '' ? '' : `, ${loss}`}${why}${end === undefined ? '' : endWords(end)}`
}

/** `; SIGKILL came from kill (4711) of user 0, started by bash (4700)`. */
function endWords({ signal, process }: SensorEnd): string {
  if (process === undefined) return ''
  const { name, pid, user, parent_process: parent } = process
  const of = user === undefined ? '' : ` of user ${visible(user.uid)}`
  const by = parent === undefined ? '' : `, started by ${visible(parent.name)} (${parent.pid})`
  return `; ${visible(signal)} came from ${visible(name)} (${pid})${of}${by}`
}
