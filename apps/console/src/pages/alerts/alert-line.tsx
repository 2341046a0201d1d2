import { Link } from '@tanstack/react-router'
import type { CSSProperties } from 'react'
import { prefetch } from '../../api/api.ts'
import { alertDocument, type AlertRow } from '../../api/documents.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { RawText } from '../../text/raw-text.tsx'
import { visibleText } from '../../text/hidden.ts'
import { count } from '../../text/numbers.ts'
import { Ago } from '../../time/time.tsx'
import { excerptOf } from './excerpt.ts'

/** So long the pointer rests on a row before its alert is read ahead. */
const REST_MS = 80

let resting: ReturnType<typeof setTimeout> | undefined

function readAhead(id: string): void {
  clearTimeout(resting)
  resting = setTimeout(() => prefetch(alertDocument, { id }), REST_MS)
}

export const verdictWords = {
  true_positive: 'real',
  false_positive: 'false alarm',
  benign: 'harmless',
} as const

/** One alert in a list; the whole row opens it. */
export function AlertLine({
  alert,
  hangs = false,
  current = false,
  selected = false,
  onSelect,
  onFocus,
  style,
  index,
}: {
  readonly alert: AlertRow
  readonly hangs?: boolean
  readonly current?: boolean
  readonly selected?: boolean
  /** Left out where rows cannot be selected. */
  readonly onSelect?: (() => void) | undefined
  readonly onFocus?: () => void
  readonly style?: CSSProperties
  /** Its place in the whole list, where not all of it is on the page. */
  readonly index?: number
}) {
  const { parents, text, marks, cut } = excerptOf(alert)
  const [technique, ...others] = alert.techniques
  const done = alert.status !== 'open'
  const classes = [
    'alert-line',
    hangs && 'hangs',
    current && 'current',
    selected && 'selected',
    done && 'done',
  ]
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the link in it has the keys
    <div
      role="row"
      className={classes.filter(Boolean).join(' ')}
      style={style}
      aria-rowindex={index === undefined ? undefined : index + 1}
      onClick={({ target, currentTarget }) => {
        if (target instanceof Element && target.closest('a, input')) return
        currentTarget.querySelector('a')?.click()
      }}
      onPointerEnter={() => readAhead(alert.id)}
      onPointerLeave={() => clearTimeout(resting)}
    >
      <span role="cell" className="mark-cell">
        <SeverityMark severity={alert.severity} />
        {onSelect && (
          <input
            type="checkbox"
            checked={selected}
            onChange={onSelect}
            aria-label={`Select: ${visibleText(alert.title)}`}
          />
        )}
      </span>
      <span role="cell" className="title-cell">
        <Link
          to="/alerts/$id"
          params={{ id: alert.id }}
          data-alert={alert.id}
          title={visibleText(alert.title)}
          onFocus={() => {
            readAhead(alert.id)
            onFocus?.()
          }}
        >
          <RawText text={alert.rule.title} />
        </Link>
        {alert.count > 1 && (
          <em title={`${count(alert.count - 1)} repeats of it were suppressed`}>×{count(alert.count)}</em>
        )}
        {alert.suppressed > 0 && (
          <em title="Found by this rule in the same minute, without an alert of their own">
            +{count(alert.suppressed)}
          </em>
        )}
        {done && (
          <em>
            {alert.status}
            {alert.verdict && `, ${verdictWords[alert.verdict]}`}
          </em>
        )}
      </span>
      <span role="cell" className="host-cell" title={visibleText(alert.host)}>
        <RawText text={alert.host} />
      </span>
      <span role="cell" className="excerpt-cell">
        <code>
          {parents.map(({ name, marked }, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- two parents may have one name
            <span key={at}>
              <RawText text={name} marks={marked ? [{ start: 0, length: name.length }] : []} />
              {' › '}
            </span>
          ))}
          {cut && '…'}
          <RawText text={text} marks={marks} />
        </code>
      </span>
      <span
        role="cell"
        className="technique-cell"
        title={alert.techniques.map(({ id, name }) => `${id} ${name}`).join(', ')}
      >
        {technique?.id}
        {others.length > 0 && <small> +{others.length}</small>}
      </span>
      <span role="cell" className="risk-cell" title={`Risk of its process tree: ${alert.risk} of 100`}>
        <u className={alert.severity} style={{ width: `${Math.max(2, Math.round(alert.risk * 0.56))}px` }} />
        <b>{alert.risk}</b>
      </span>
      <span role="cell" className="time-cell">
        <Ago at={alert.last_seen} />
      </span>
    </div>
  )
}

/** Names the columns for those who cannot see them. */
export function AlertColumns() {
  return (
    <div role="row" className="visually-hidden">
      {['Severity', 'Alert', 'Host', 'How it came about', 'Technique', 'Risk', 'Last seen'].map((name) => (
        <span key={name} role="columnheader">
          {name}
        </span>
      ))}
    </div>
  )
}

/** A short list of alerts, all of them on the page; without their host where the page says it already. */
export function AlertList({
  alerts,
  label,
  hostless = false,
}: {
  readonly alerts: readonly AlertRow[]
  readonly label: string
  readonly hostless?: boolean
}) {
  return (
    <div className={hostless ? 'list hostless' : 'list'} role="table" aria-label={label}>
      <AlertColumns />
      {alerts.map((alert) => (
        <AlertLine key={alert.id} alert={alert} />
      ))}
    </div>
  )
}
