import { Link } from '@tanstack/react-router'
import type { IncidentRow } from '../../api/documents.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { visibleText } from '../../text/hidden.ts'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'

type Row = Pick<
  IncidentRow,
  'id' | 'title' | 'severity' | 'status' | 'assignee' | 'host' | 'alert_count' | 'updated_at'
>

/** Incidents, one line each; the whole line opens it. */
export function IncidentList({
  incidents,
  label,
}: {
  readonly incidents: readonly Row[]
  readonly label: string
}) {
  return (
    <div className="list" role="table" aria-label={label}>
      <div role="row" className="visually-hidden">
        {['Severity', 'Incident', 'Host', 'Alerts', 'Status', 'Assigned', 'Changed'].map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      {incidents.map((incident) => (
        <div
          key={incident.id}
          role="row"
          className={incident.status === 'closed' ? 'incident-line done' : 'incident-line'}
        >
          <span role="cell" className="mark-cell">
            <SeverityMark severity={incident.severity} />
          </span>
          <span role="cell" className="title-cell">
            <Link to="/incidents/$id" params={{ id: incident.id }} title={visibleText(incident.title)}>
              <RawText text={incident.title} />
            </Link>
          </span>
          <span role="cell" className="host-cell">
            {incident.host !== null && <RawText text={incident.host} />}
          </span>
          <span role="cell" className="quiet">
            {plural(incident.alert_count, 'alert')}
          </span>
          <span role="cell">{incident.status}</span>
          <span role="cell" className="host-cell">
            {incident.assignee === null ? (
              <span className="quiet">nobody</span>
            ) : (
              <RawText text={incident.assignee} />
            )}
          </span>
          <span role="cell" className="time-cell">
            <Ago at={incident.updated_at} />
          </span>
        </div>
      ))}
    </div>
  )
}
