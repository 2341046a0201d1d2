import { Link } from '@tanstack/react-router'
import type { ResultOf } from '@vedette/client'
import { SeverityMark } from '../../parts/severity.tsx'
import { visibleText } from '../../text/hidden.ts'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import type { rulesDocument } from './documents.ts'

type Rule = ResultOf<typeof rulesDocument>['rules'][number]

/** Rules in force, with what each found and what it costs. */
export function RuleTable({ rules }: { readonly rules: readonly Rule[] }) {
  const total = rules.reduce((sum, { cost_ms: ms }) => sum + ms, 0)
  return (
    <div className="table-scroll">
      <table className="data">
        <thead>
          <tr>
            <th>Rule</th>
            <th>Severity</th>
            <th>Techniques</th>
            <th className="number">Found</th>
            <th className="number">Cost</th>
            <th>State</th>
            <th>From</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((one) => (
            <tr key={one.id}>
              <td className="name clip" title={visibleText(one.rule.title)}>
                <Link to="/rules/$id" params={{ id: one.id }}>
                  <RawText text={one.rule.title} />
                </Link>
              </td>
              <td>
                <SeverityMark severity={one.rule.severity} label />
              </td>
              <td className="quiet" title={one.techniques.map(({ id, name }) => `${id} ${name}`).join(', ')}>
                {one.techniques.length > 2
                  ? `${one.techniques[0]?.id ?? ''} and ${one.techniques.length - 1} more`
                  : one.techniques.map(({ id }) => id).join(', ')}
              </td>
              <td className={one.hits > 0 ? 'number' : 'number quiet'}>
                {one.hits === 0 ? 'nothing' : count(one.hits)}
              </td>
              <td className="number quiet" title={costWords(one)}>
                {shareWords(one.cost_ms, total)}
              </td>
              <td>
                <State rule={one} />
              </td>
              <td className="quiet">
                <RawText text={one.origin} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function State({ rule: { disabled, errors, exceptions } }: { readonly rule: Rule }) {
  if (disabled) return <span className="bad">off, failed too often</span>
  if (errors > 0) return <span className="bad">{plural(errors, 'error')}</span>
  if (exceptions > 0) return <>{plural(exceptions, 'exception')}</>
  return <span className="quiet">in force</span>
}

/** How often it was asked, and what that took, from a sample. */
export function costWords({
  asked,
  cost_ms: ms,
}: {
  readonly asked: number
  readonly cost_ms: number
}): string {
  if (asked === 0) return 'hardly ever asked'
  return `asked about ${count(asked)} times, ${((1000 * ms) / asked).toFixed(1)} µs each`
}

/** Which part of the time of the rules shown it takes. */
function shareWords(ms: number, total: number): string {
  if (total === 0 || ms === 0) return '–'
  const share = (100 * ms) / total
  return share < 1 ? 'under 1 %' : `${Math.round(share)} %`
}
