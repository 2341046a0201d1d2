import type { Alert } from '@vedette/model'
import type { RatePoint } from '../builder.ts'
import type { Context } from '../context.ts'

const SPAN_MS = 10 * 60_000
const SLOTS = 120

/** Events and alerts of an alert's host in the ten minutes around it, in slots of five seconds. */
export async function readSurroundings(
  { device, time }: Alert,
  { events, state }: Context,
): Promise<RatePoint[]> {
  const rates = await events.around(device.uid, time, SPAN_MS, SLOTS)
  const since = rates[0]?.time ?? time - SPAN_MS / 2
  const slotMs = SPAN_MS / SLOTS
  const alerts = await state.alerts.list({ host: device.uid, since, until: since + SPAN_MS }, { limit: 1000 })
  const counts = new Map<number, number>()
  for (const { time } of alerts) {
    const slot = Math.floor((time - since) / slotMs)
    counts.set(slot, (counts.get(slot) ?? 0) + 1)
  }
  return rates.map((rate, slot) => ({ ...rate, alerts: counts.get(slot) ?? 0 }))
}
