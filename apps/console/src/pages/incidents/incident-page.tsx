import { Link, useParams } from '@tanstack/react-router'
import type { ResultOf } from '@vedette/client'
import { type FormEvent, useEffect, useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { assignIncidentDocument, closeIncidentDocument, incidentDocument } from '../../api/documents.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { onIncidentUpdate } from '../../live/live.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { SeverityMark } from '../../parts/severity.tsx'
import { Empty, Failure, Loading, reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { visibleText } from '../../text/hidden.ts'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago, Clock } from '../../time/time.tsx'
import { AlertList } from '../alerts/alert-line.tsx'
import { faultOf } from '../../parts/form.ts'

type IncidentDetail = NonNullable<ResultOf<typeof incidentDocument>['incident']>

/** The page of the incident that the address names; another one starts anew. */
export function IncidentRoute() {
  const { id } = useParams({ from: '/incidents/$id' })
  return <IncidentPage key={id} id={id} />
}

/** One story: what happened when, its alerts, whose it is, how it ended. */
function IncidentPage({ id }: { readonly id: string }) {
  const { data, error } = useAnswer(incidentDocument, { id }, { live: false })
  const incident = data?.incident
  usePlace({
    title: incident ? visibleText(incident.title) : 'Incident',
    parent: { to: '/incidents', title: 'Incidents' },
  })
  if (incident) return <Detail incident={incident} />
  if (data) {
    return (
      <Empty whole title="No such incident">
        <p>
          <Link to="/incidents">See the open incidents</Link>.
        </p>
      </Empty>
    )
  }
  if (error) {
    return (
      <Failure whole what="The incident could not be read" error={error} onRetry={() => void refresh()} />
    )
  }
  return <Loading what="the incident" />
}

function Detail({ incident }: { readonly incident: IncidentDetail }) {
  const { may, user } = useSession()
  const mayAct = may('Mutation.closeIncident')
  const [dialog, setDialog] = useState<'assign' | 'close'>()
  const [outdated, setOutdated] = useState<IncidentDetail>()
  useEffect(
    () =>
      onIncidentUpdate((id) => {
        if (id === incident.id) setOutdated(incident)
      }),
    [incident],
  )
  const grown = outdated === incident

  const open = incident.status !== 'closed'
  const mine = incident.assignee === user.name
  const assign = async (name: string) => {
    try {
      await change(assignIncidentDocument, { id: incident.id, user: name })
      say(`Assigned to ${visibleText(name)}`)
    } catch (error) {
      say(reasonOf(error instanceof Error ? error : new Error(String(error))), { bad: true })
    }
  }
  const take = () => {
    if (open && !mine) void assign(user.name)
  }
  useKeys([
    { keys: 'n', label: 'show what is new', run: () => void refresh() },
    ...(mayAct && open
      ? [
          { keys: 'm', label: 'assign to me', run: take },
          { keys: 'v', label: 'close with a resolution', run: () => setDialog('close') },
        ]
      : []),
  ])

  return (
    <div className="alert-page">
      <div className="alert-main">
        <div className="facts">
          <SeverityMark severity={incident.severity} label />
          <span className="status">{incident.status.charAt(0).toUpperCase() + incident.status.slice(1)}</span>
          {incident.host !== null && <RawText text={incident.host} />}
          <span>
            begun <Ago at={incident.created_at} long />
          </span>
          <span>{incident.assignee === null ? 'Not assigned' : <RawText text={incident.assignee} />}</span>
        </div>
        <h1>
          <RawText text={incident.title} />
        </h1>
        {incident.description !== '' && (
          <p className="lead">
            <RawText text={incident.description} />
          </p>
        )}
        {incident.resolution !== null && (
          <p className="lead resolution">
            <b>Closed:</b> <RawText text={incident.resolution} />
          </p>
        )}
        {mayAct && open && (
          <div className="actions">
            {!mine && (
              <button type="button" className="primary" onClick={take}>
                Assign to me <Kbd keys="m" />
              </button>
            )}
            <button type="button" onClick={() => setDialog('assign')}>
              Assign…
            </button>
            <button type="button" onClick={() => setDialog('close')}>
              Close… <Kbd keys="v" />
            </button>
            <span aria-live="polite" className="filters-end">
              {grown && (
                <button type="button" className="fresh" onClick={() => void refresh()}>
                  This has grown, show <Kbd keys="n" />
                </button>
              )}
            </span>
          </div>
        )}
        <section>
          <h2>
            Alerts <span>{plural(incident.alert_count, 'alert')}</span>
          </h2>
          {incident.alerts.length > 0 ? (
            <AlertList
              hostless={incident.host !== null}
              alerts={incident.alerts}
              label="Alerts of this incident"
            />
          ) : (
            <Empty title="No alerts">
              <p>Somebody opened this incident by hand. Its history is what people wrote.</p>
            </Empty>
          )}
        </section>
      </div>
      <aside aria-label="History">
        <section className="panel">
          <h2>History</h2>
          <ol className="timeline">
            {incident.timeline.map((entry, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- a history is only added to
              <li key={at}>
                <Clock at={entry.time} precision="seconds" />
                <span>
                  <RawText text={entry.text} />
                  <span className="quiet">
                    {' '}
                    <RawText text={entry.actor} />
                  </span>
                </span>
              </li>
            ))}
          </ol>
        </section>
      </aside>
      {dialog === 'assign' && (
        <TextDialog
          title="Assign to"
          label="Name"
          value={incident.assignee ?? user.name}
          action="Assign"
          onClose={() => setDialog(undefined)}
          onSubmit={async (name) => {
            await change(assignIncidentDocument, { id: incident.id, user: name })
            say(`Assigned to ${visibleText(name)}`)
          }}
        />
      )}
      {dialog === 'close' && (
        <TextDialog
          title="Close this incident"
          label="What it was, what was done, what is left to do"
          value=""
          action="Close the incident"
          long
          onClose={() => setDialog(undefined)}
          onSubmit={async (resolution) => {
            await change(closeIncidentDocument, { id: incident.id, resolution })
            say('The incident is closed')
          }}
        />
      )}
    </div>
  )
}

function TextDialog({
  title,
  label,
  value,
  action,
  long = false,
  onClose,
  onSubmit,
}: {
  readonly title: string
  readonly label: string
  readonly value: string
  readonly action: string
  readonly long?: boolean
  readonly onClose: () => void
  readonly onSubmit: (text: string) => Promise<void>
}) {
  const [text, setText] = useState(value)
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    try {
      await onSubmit(text.trim())
      onClose()
    } catch (failure) {
      setError(faultOf(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          void submit(event)
        }}
      >
        <label className="field">
          {label}
          {long ? (
            <textarea
              value={text}
              rows={5}
              maxLength={10_000}
              required
              onChange={(event) => setText(event.target.value)}
            />
          ) : (
            <input value={text} maxLength={100} required onChange={(event) => setText(event.target.value)} />
          )}
        </label>
        {error && (
          <p className="problem" role="alert">
            {reasonOf(error)}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel <Kbd keys="Escape" />
          </button>
          <button type="submit" className="primary" aria-busy={busy} disabled={text.trim() === ''}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
