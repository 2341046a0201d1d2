import { Link } from '@tanstack/react-router'
import type { AlertDetail } from '../../api/documents.ts'
import { RawText } from '../../text/raw-text.tsx'
import { thresholdOf, THRESHOLDS } from './thresholds.ts'

const MOST = 12

/** The points of the process tree, and where each came from. */
export function RiskPanel({ alert }: { readonly alert: AlertDetail }) {
  const { risk, risk_ledger: ledger, severity } = alert
  const past = thresholdOf(risk)
  const sum = ledger.reduce((total, { points }) => total + points, 0)
  const shown = ledger.toSorted((a, b) => b.points - a.points).slice(0, MOST)
  return (
    <section className="panel">
      <h2>Risk of this process tree</h2>
      <p className="score">
        <strong>{risk}</strong>
        <span>of 100{past && `, past ‘${past.name}’ (${past.at})`}</span>
      </p>
      <div className="meter" aria-hidden="true">
        <i className={severity} style={{ width: `${Math.max(0, Math.min(risk, 100))}%` }} />
        {THRESHOLDS.map(({ at, name }) => (
          <u key={at} style={{ left: `${at}%` }} title={`${name} from ${at}`} />
        ))}
      </div>
      {shown.length > 0 && (
        <ul className="ledger">
          {shown.map((entry) => (
            <li key={`${entry.alert_id} ${entry.time} ${entry.reason}`}>
              {entry.alert_id === alert.id ? (
                <span>
                  <RawText text={entry.reason} />
                </span>
              ) : (
                <Link to="/alerts/$id" params={{ id: entry.alert_id }}>
                  <RawText text={entry.reason} />
                </Link>
              )}
              <b>+{entry.points}</b>
            </li>
          ))}
          {ledger.length > MOST && (
            <li>
              <span>and {ledger.length - MOST} more</span>
            </li>
          )}
        </ul>
      )}
      {sum > 100 && <p className="hint">The points add up to {sum}; risk ends at 100.</p>}
    </section>
  )
}
