import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { IncidentStatus, Severity } from '@vedette/model'
import { type FormEvent, useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { createIncidentDocument, incidentsDocument } from '../../api/documents.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { Empty, Failure, Loading, reasonOf } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { count, plural } from '../../text/numbers.ts'
import type { IncidentFilter } from './filter.ts'
import { IncidentList } from './incident-list.tsx'
import { faultOf, fieldOf } from '../../parts/form.ts'

const PAGE = 100

/** The stories that people work on. */
export function IncidentsPage() {
  usePlace({ title: 'Incidents' })
  const { status } = useSearch({ from: '/incidents' })
  const mayAct = useSession().may('Mutation.createIncident')
  const [shown, setShown] = useState(PAGE)
  const [creating, setCreating] = useState(false)
  const asked: IncidentStatus | null = status === 'closed' ? 'closed' : null
  const { data, error } = useAnswer(incidentsDocument, {
    status: asked,
    limit: Math.min(shown, 1000),
    offset: 0,
  })
  useKeys(mayAct ? [{ keys: 'c', label: 'create an incident', run: () => setCreating(true) }] : [])

  const all = data?.incidents
  const incidents = status === undefined ? all?.filter((each) => each.status !== 'closed') : all
  const more = all !== undefined && all.length === shown && shown < 1000
  return (
    <>
      <div className="top">
        <h1>{incidents ? title(incidents.length, more, status) : 'Incidents'}</h1>
      </div>
      <div className="filters">
        {(
          [
            [undefined, 'Open'],
            ['closed', 'Closed'],
            ['all', 'All'],
          ] as const
        ).map(([value, label]) => (
          <Link
            key={label}
            to="/incidents"
            search={value === undefined ? {} : { status: value }}
            className={status === value ? 'chip on' : 'chip'}
            activeProps={{}}
            aria-current={status === value ? 'true' : undefined}
          >
            {label}
          </Link>
        ))}
        {mayAct && (
          <span className="filters-end">
            <button type="button" onClick={() => setCreating(true)}>
              New incident… <Kbd keys="c" />
            </button>
          </span>
        )}
      </div>
      {error && (
        <Failure what="The incidents could not be read" error={error} onRetry={() => void refresh()}>
          {incidents && <p>What was read before is below.</p>}
        </Failure>
      )}
      {!incidents && !error && <Loading what="incidents" />}
      {incidents?.length === 0 && (
        <Empty title={status === 'closed' ? 'No closed incidents' : 'No open incidents'}>
          <p>
            Alerts of one process tree become an incident by themselves.{' '}
            {mayAct && 'You can open one by hand too, for what no rule saw. '}
            <Link to="/alerts">See the open alerts</Link>.
          </p>
        </Empty>
      )}
      {incidents && incidents.length > 0 && <IncidentList incidents={incidents} label="Incidents" />}
      {more && (
        <p className="more">
          <button type="button" onClick={() => setShown(shown + PAGE)}>
            Show older ones
          </button>
        </p>
      )}
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </>
  )
}

function title(length: number, more: boolean, status: IncidentFilter['status']): string {
  if (status === 'all') return more ? `${count(length)}+ incidents` : plural(length, 'incident')
  const word = status === 'closed' ? 'closed' : 'open'
  return `${count(length)}${more ? '+' : ''} ${word} ${length === 1 ? 'incident' : 'incidents'}`
}

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational']

function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate()
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const create = async (form: FormData) => {
    setBusy(true)
    setError(undefined)
    try {
      const { createIncident } = await change(createIncidentDocument, {
        title: fieldOf(form, 'title'),
        description: fieldOf(form, 'description'),
        severity: fieldOf(form, 'severity') as Severity,
      })
      await navigate({ to: '/incidents/$id', params: { id: createIncident.id } })
    } catch (failure) {
      setError(faultOf(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog title="New incident" onClose={onClose}>
      <form
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault()
          if (!busy) void create(new FormData(event.currentTarget))
        }}
      >
        <label className="field">
          What happened, in a sentence
          <input name="title" required maxLength={300} />
        </label>
        <label className="field">
          Severity
          <select name="severity" defaultValue="medium">
            {SEVERITIES.map((severity) => (
              <option key={severity} value={severity}>
                {severity.charAt(0).toUpperCase() + severity.slice(1)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          What is known
          <textarea name="description" rows={4} maxLength={10_000} />
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
          <button type="submit" className="primary" aria-busy={busy}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  )
}
