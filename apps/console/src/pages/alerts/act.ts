import type { Verdict } from '@vedette/model'
import { change, refresh } from '../../api/api.ts'
import { acknowledgeDocument, type AlertRow, resolveDocument } from '../../api/documents.ts'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { plural } from '../../text/numbers.ts'
import { markAlert } from './queues.ts'

/** So many changes are asked for at a time. */
const AT_ONCE = 4

type Target = Pick<AlertRow, 'id' | 'status' | 'verdict'>

/** Acknowledges those that are open. The rows change at once, and back where the server refuses. */
export async function acknowledge(alerts: readonly Target[]): Promise<void> {
  const open = alerts.filter(({ status }) => status === 'open')
  if (open.length === 0) {
    if (alerts.length > 0) say(alerts.length === 1 ? 'It is not open any more' : 'None of them is open')
    return
  }
  for (const { id } of open) markAlert(id, { status: 'acknowledged' })
  await inTurn(open, 'Acknowledged', async ({ id }) => {
    await change(acknowledgeDocument, { id }, { quiet: true })
  })
}

/** Resolves with a verdict. */
export async function resolve(alerts: readonly Target[], verdict: Verdict): Promise<void> {
  const left = alerts.filter(({ status }) => status !== 'resolved')
  for (const { id } of left) markAlert(id, { status: 'resolved', verdict })
  await inTurn(left, 'Resolved', async ({ id }) => {
    await change(resolveDocument, { id, verdict }, { quiet: true })
  })
}

async function inTurn(
  alerts: readonly Target[],
  done: string,
  act: (alert: Target) => Promise<void>,
): Promise<void> {
  const waiting = [...alerts]
  const failures: Error[] = []
  const work = async () => {
    for (let alert = waiting.shift(); alert; alert = waiting.shift()) {
      try {
        await act(alert)
      } catch (error) {
        markAlert(alert.id, { status: alert.status, verdict: alert.verdict })
        failures.push(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  await refresh()
  const [failure] = failures
  if (failure) {
    say(`${plural(failures.length, 'alert')} not changed. ${reasonOf(failure)}`, { bad: true })
  } else say(`${done} ${plural(alerts.length, 'alert')}`)
}
