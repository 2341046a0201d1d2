import { useState } from 'react'
import { change } from '../../api/api.ts'
import { type AlertDetail, executeDocument, type Response } from '../../api/documents.ts'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { visibleText } from '../../text/hidden.ts'
import { RawText } from '../../text/raw-text.tsx'
import { startTicksOf } from './process-uid.ts'
import { useNow } from '../../time/now.ts'
import { Ago, Clock } from '../../time/time.tsx'

/** What was done about it, what would have been done, and what can be. */
export function ResponsePanel({
  alert,
  onRespond,
}: {
  readonly alert: AlertDetail
  readonly onRespond: (action: 'freeze' | 'kill') => void
}) {
  const mayAct = useSession().may('Mutation.executeResponse')
  const { responses, process } = alert
  const shown = responses.filter(({ outcome }) => outcome !== 'preview')
  return (
    <section className="panel">
      <h2>Response</h2>
      {shown.length === 0 && (
        <p>
          {process
            ? 'Nothing was done. Each action first shows what it would touch.'
            : 'Nothing was done. This alert is not about one process, so there is none to stop.'}
        </p>
      )}
      {shown.map((response) => (
        <Done key={response.id} response={response} mayAct={mayAct} />
      ))}
      {mayAct && process && (
        <div className="panel-actions">
          <button type="button" onClick={() => onRespond('freeze')}>
            Freeze…
          </button>
          <button type="button" onClick={() => onRespond('kill')}>
            Kill…
          </button>
        </div>
      )}
    </section>
  )
}

function Done({ response, mayAct }: { readonly response: Response; readonly mayAct: boolean }) {
  const now = useNow()
  const [busy, setBusy] = useState(false)
  const { outcome, lease_ends: ends, undo, affected } = response
  const held = outcome === 'done' && undo !== null && ends !== null && Date.parse(ends) > now
  const takeBack = async () => {
    const [first] = affected.filter(({ protected_because: because }) => because === null)
    if (undo === null || !first || busy) return
    const ticks = startTicksOf(first.uid)
    setBusy(true)
    try {
      const { executeResponse: done } = await change(executeDocument, {
        input: {
          action: undo,
          host: response.host_id,
          pid: first.pid,
          ...(ticks !== undefined && { start_ticks: ticks }),
          tree: affected.length > 1,
          reason: `takes back ${response.action}`,
          alert_id: response.alert_id,
        },
      })
      say(visibleText(done.summary), { bad: done.outcome !== 'done' })
    } catch (error) {
      say(reasonOf(error instanceof Error ? error : new Error(String(error))), { bad: true })
    }
    setBusy(false)
  }
  return (
    <div className={`response ${outcome}`}>
      <p>
        <b>
          <RawText text={response.summary} />
        </b>{' '}
        {outcome === 'would_have' && 'Nothing was done: this policy is in dry run.'}
      </p>
      <p className="hint">
        {response.actor !== '' && (
          <>
            <RawText text={response.actor} />,{' '}
          </>
        )}
        <Ago at={response.time} long />
        {held && (
          <>
            ; ends by itself at <Clock at={ends} precision="seconds" />
          </>
        )}
      </p>
      {held && mayAct && (
        <button type="button" aria-busy={busy} onClick={() => void takeBack()}>
          Thaw now
        </button>
      )}
    </div>
  )
}
