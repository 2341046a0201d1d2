import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { refresh, useAnswer } from '../../api/api.ts'
import { Find } from '../../parts/find.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { exceptionsDocument, problemsDocument, rulesDocument } from './documents.ts'
import { ExceptionTable } from './exception-table.tsx'
import type { RuleFilter } from './filter.ts'
import { RuleTable } from './rule-table.tsx'

const PAGE = 200

/** What judges: rules in force, exceptions from them, and what keeps others from loading. */
export function RulesPage() {
  usePlace({ title: 'Rules' })
  const filter = useSearch({ from: '/rules' })
  const bar = <Bar filter={filter} />
  if (filter.show === 'exceptions') return <Exceptions bar={bar} />
  if (filter.show === 'faulty') return <Faulty bar={bar} />
  return <InForce key={filter.search} filter={filter} bar={bar} />
}

function Bar({ filter: { show, search, severity, order } }: { readonly filter: RuleFilter }) {
  const navigate = useNavigate()
  const words = { ...(search !== undefined && { search }), ...(severity && { severity }) }
  const choices: readonly (readonly [string, RuleFilter, boolean])[] = [
    ['What found most', words, show === undefined && order === undefined],
    ['Most severe', { ...words, order: 'severity' }, show === undefined && order === 'severity'],
    ['What costs most', { ...words, order: 'cost' }, show === undefined && order === 'cost'],
    ['Exceptions', { show: 'exceptions' }, show === 'exceptions'],
    ['Not loaded', { show: 'faulty' }, show === 'faulty'],
  ]
  return (
    <div className="filters">
      {choices.map(([label, values, isOn]) => (
        <Link
          key={label}
          to="/rules"
          search={values}
          className={isOn ? 'chip on' : 'chip'}
          activeProps={{}}
          aria-current={isOn ? 'true' : undefined}
        >
          {label}
        </Link>
      ))}
      {show === undefined && (
        <Find
          label="Find rules"
          hint="title, technique, author, file"
          words={search}
          onFind={(typed) =>
            void navigate({
              to: '/rules',
              search: {
                ...(severity && { severity }),
                ...(order && { order }),
                ...(typed && { search: typed }),
              },
            })
          }
        />
      )}
    </div>
  )
}

interface BarProps {
  readonly bar: ReactNode
}

function InForce({ filter: { search, severity, order }, bar }: BarProps & { readonly filter: RuleFilter }) {
  const [shown, setShown] = useState(PAGE)
  const { data, error } = useAnswer(rulesDocument, {
    search: search ?? null,
    severity: severity ?? null,
    order: order ?? 'hits',
    limit: Math.min(shown, 1000),
  })
  const rules = data?.rules
  const summary = data?.rule_summary
  return (
    <>
      <div className="top">
        <h1>{summary ? heading(summary) : 'Rules'}</h1>
      </div>
      {bar}
      {error && (
        <Failure what="The rules could not be read" error={error} onRetry={() => void refresh()}>
          {rules && <p>What was read before is below.</p>}
        </Failure>
      )}
      {!rules && !error && <Loading what="rules" />}
      {rules?.length === 0 && (
        <Empty title={search === undefined ? 'No rules are in force' : 'No such rule'}>
          <p>
            {search === undefined ? (
              <>
                Bring some with <code>vedette rules install FOLDER</code>.
              </>
            ) : (
              <Link to="/rules">See all rules</Link>
            )}
          </p>
        </Empty>
      )}
      {rules && rules.length > 0 && <RuleTable rules={rules} />}
      {rules?.length === shown && shown < 1000 && (
        <p className="more">
          <button type="button" onClick={() => setShown(shown + PAGE)}>
            Show more
          </button>
        </p>
      )}
    </>
  )
}

function Exceptions({ bar }: BarProps) {
  const mayAct = useSession().may('Mutation.removeException')
  const { data, error } = useAnswer(exceptionsDocument, {})
  const exceptions = data?.exceptions
  const inForce = exceptions?.filter((one) => one.in_force).length ?? 0
  return (
    <>
      <div className="top">
        <h1>
          {exceptions && exceptions.length > 0 ? `${plural(inForce, 'exception')} in force` : 'Exceptions'}
        </h1>
      </div>
      {bar}
      {error && (
        <Failure what="The exceptions could not be read" error={error} onRetry={() => void refresh()} />
      )}
      {!exceptions && !error && <Loading what="exceptions" />}
      {exceptions?.length === 0 && (
        <Empty title="No exceptions">
          <p>
            An exception takes one case out of a rule, for a time. Open the alert that should not have been,
            and press
            <code> x </code>: it shows first what it would have hidden.
          </p>
        </Empty>
      )}
      {exceptions && exceptions.length > 0 && <ExceptionTable exceptions={exceptions} mayAct={mayAct} />}
    </>
  )
}

function Faulty({ bar }: BarProps) {
  const { data, error } = useAnswer(problemsDocument, {})
  const problems = data?.rule_problems
  return (
    <>
      <div className="top">
        <h1>
          {problems === undefined || problems.length === 0
            ? 'Not loaded'
            : `${plural(problems.length, 'fault')} ${problems.length === 1 ? 'keeps' : 'keep'} rules from loading`}
        </h1>
      </div>
      {bar}
      {error && <Failure what="The faults could not be read" error={error} onRetry={() => void refresh()} />}
      {!problems && !error && <Loading what="faults" />}
      {problems?.length === 0 && (
        <Empty title="Every rule loads">
          <p>What is wrong with a rule would stand here, with its file and line. The others go on.</p>
        </Empty>
      )}
      {problems && problems.length > 0 && (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Fault</th>
                <th>Where</th>
                <th>Hint</th>
              </tr>
            </thead>
            <tbody>
              {problems.map(({ file, line, code, message, hint }) => (
                <tr key={`${file}:${line}:${code}:${message}`}>
                  <td className="name">
                    <RawText text={message} />
                  </td>
                  <td>
                    <code>
                      <RawText text={line > 0 ? `${short(file)}:${line}` : short(file)} />
                    </code>
                  </td>
                  <td className="quiet">
                    <RawText text={hint ?? ''} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

/** The end of a path: what tells one file from another. */
function short(file: string): string {
  return file.split('/').slice(-3).join('/')
}

function heading({
  rules,
  fired,
  disabled,
}: {
  readonly rules: number
  readonly fired: number
  readonly disabled: number
}): string {
  const found = fired === 0 ? 'none found anything' : `${count(fired)} found something`
  const off = disabled === 0 ? '' : `, ${count(disabled)} off`
  return `${plural(rules, 'rule')} in force, ${found} since the start${off}`
}
