import { Link } from '@tanstack/react-router'
import type { ResultOf } from '@vedette/client'
import { change } from '../../api/api.ts'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { RawText } from '../../text/raw-text.tsx'
import { count } from '../../text/numbers.ts'
import { Ago } from '../../time/time.tsx'
import { type exceptionsDocument, removeExceptionDocument } from './documents.ts'
import { faultOf } from '../../parts/form.ts'

export type Exception = ResultOf<typeof exceptionsDocument>['exceptions'][number]

/** Exceptions from rules: which case, who answers for it, why, until when. */
export function ExceptionTable({
  exceptions,
  mayAct,
  withRule = true,
}: {
  readonly exceptions: readonly Exception[]
  readonly mayAct: boolean
  /** With the name of the rule: not on the rule's own page. */
  readonly withRule?: boolean
}) {
  const remove = async (id: string) => {
    try {
      await change(removeExceptionDocument, { id })
      say('The exception is gone. Its rule judges this again.')
    } catch (failure) {
      say(reasonOf(faultOf(failure)), { bad: true })
    }
  }
  return (
    <div className="table-scroll">
      <table className="data exceptions">
        <thead>
          <tr>
            {withRule && <th>Rule</th>}
            <th>Where</th>
            <th>Owner</th>
            <th>Reason</th>
            <th>Ends</th>
            <th className="number" title="Events that it kept silent">
              Held
            </th>
            <th className="number">Made</th>
            {mayAct && <th>Act</th>}
          </tr>
        </thead>
        <tbody>
          {exceptions.map((one) => (
            <tr key={one.id}>
              {withRule && (
                <td className="name">
                  <Link to="/rules/$id" params={{ id: one.rule_id }}>
                    <RawText text={one.rule_title} />
                  </Link>
                </td>
              )}
              <td className="exception-fields">
                {one.fields.map(({ name, value }) => (
                  <span key={name} className="line">
                    <span className="quiet">{name}</span>{' '}
                    <code>
                      <RawText text={value} />
                    </code>
                  </span>
                ))}
              </td>
              <td>
                <RawText text={one.owner} />
              </td>
              <td>
                <RawText text={one.reason} />
              </td>
              <td className={one.in_force ? 'ends quiet' : 'ends bad'}>
                {one.in_force ? (one.expires_at === null ? 'never' : one.expires_at.slice(0, 10)) : 'ended'}
              </td>
              <td className="number">
                {count(one.hits)}
                {one.last_hit !== null && (
                  <span className="line quiet">
                    <Ago at={one.last_hit} />
                  </span>
                )}
              </td>
              <td className="number quiet">
                <Ago at={one.added_at} />
              </td>
              {mayAct && (
                <td className="act-cell">
                  <button type="button" onClick={() => void remove(one.id)}>
                    Remove
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
