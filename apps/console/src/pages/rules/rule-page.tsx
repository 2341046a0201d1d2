import { Link, useParams } from '@tanstack/react-router'
import type { ResultOf } from '@vedette/client'
import { refresh, useAnswer } from '../../api/api.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { visibleText } from '../../text/hidden.ts'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { ruleDocument } from './documents.ts'
import { ExceptionTable } from './exception-table.tsx'
import { costWords } from './rule-table.tsx'

type Answer = ResultOf<typeof ruleDocument>
type Rule = NonNullable<Answer['rule']>

/** One rule: what it says, what it found, the cases that judge it, the exceptions from it. */
export function RuleRoute() {
  const { id } = useParams({ from: '/rules/$id' })
  const { data, error } = useAnswer(ruleDocument, { id }, { live: false })
  const rule = data?.rule
  usePlace({
    title: rule ? visibleText(rule.rule.title) : 'Rule',
    parent: { to: '/rules', title: 'Rules' },
  })
  if (rule) {
    const exceptions = data.exceptions.filter(({ rule_id: of }) => of === id)
    return <RulePage rule={rule} exceptions={exceptions} since={data.rule_summary.since} />
  }
  if (data) {
    return (
      <Empty whole title="No such rule">
        <p>
          It may have been taken out of force. <Link to="/rules">See all rules</Link>.
        </p>
      </Empty>
    )
  }
  if (error)
    return <Failure whole what="The rule could not be read" error={error} onRetry={() => void refresh()} />
  return <Loading what="the rule" />
}

function RulePage({
  rule,
  exceptions,
  since,
}: {
  readonly rule: Rule
  readonly exceptions: Answer['exceptions']
  readonly since: string
}) {
  const mayAct = useSession().may('Mutation.removeException')
  const info = rule.rule
  return (
    <div className="alert-page">
      <div className="alert-main">
        <div className="facts">
          <SeverityMark severity={info.severity} label />
          {rule.disabled && <span className="bad">Off: it failed too often</span>}
          {rule.status !== null && <span>{rule.status}</span>}
          {rule.techniques.map(({ id, name }) => (
            <span key={id}>
              {id} {name}
            </span>
          ))}
        </div>
        <h1>
          <RawText text={info.title} />
        </h1>
        <p className="lead">
          <RawText text={info.explanation} />
        </p>
        <section>
          <h2>
            Exceptions <span>{exceptions.length === 0 ? 'none' : count(exceptions.length)}</span>
          </h2>
          {exceptions.length === 0 ? (
            <p className="quiet">
              It judges every case. An exception is made from an alert: open it and press <code>x</code>.
            </p>
          ) : (
            <ExceptionTable exceptions={exceptions} mayAct={mayAct} withRule={false} />
          )}
        </section>
        <section>
          <h2>
            Text <span className="file">{info.file.replace(/^.*\/(?=content\/)/, '')}</span>
          </h2>
          {rule.text === null ? (
            <p className="quiet">Its file cannot be read any more.</p>
          ) : (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
            <pre className="rule-text" tabIndex={0} role="region" aria-label="Text of the rule">
              {rule.text
                .trimEnd()
                .split('\n')
                .map((line, at) => (
                  // oxlint-disable-next-line react/no-array-index-key -- lines have no other name
                  <code key={at}>
                    <RawText text={line} />
                    {'\n'}
                  </code>
                ))}
            </pre>
          )}
        </section>
      </div>
      <aside aria-label="What it found, and its cases">
        <section className="panel">
          <h2>At work</h2>
          <dl>
            <div>
              <dt>Found</dt>
              <dd>
                {rule.hits === 0 ? 'nothing' : plural(rule.hits, 'time')} since <Ago at={since} long />
              </dd>
            </div>
            <div>
              <dt>Alerts</dt>
              <dd>
                <Link to="/alerts" search={{ status: 'all', q: rule.id }}>
                  See them
                </Link>
              </dd>
            </div>
            <div>
              <dt>Cost</dt>
              <dd>{costWords(rule)}</dd>
            </div>
            {rule.groups !== null && (
              <div>
                <dt>Counts</dt>
                <dd>
                  {plural(rule.groups, 'group')} in memory
                  {rule.evicted !== null && rule.evicted > 0 && `, ${count(rule.evicted)} given up`}
                </dd>
              </div>
            )}
            {rule.errors > 0 && (
              <div>
                <dt>Errors</dt>
                <dd className="bad">{count(rule.errors)}</dd>
              </div>
            )}
            <div>
              <dt>Risk</dt>
              <dd>+{info.risk_points} a time</dd>
            </div>
            <div>
              <dt>From</dt>
              <dd>
                <RawText text={rule.origin} />
              </dd>
            </div>
            {rule.author !== null && (
              <div>
                <dt>Author</dt>
                <dd>
                  <RawText text={rule.author} />
                </dd>
              </div>
            )}
          </dl>
        </section>
        {info.false_positives.length > 0 && (
          <section className="panel">
            <h2>Harmless when</h2>
            {info.false_positives.map((text) => (
              <p key={text}>
                <RawText text={text} />
              </p>
            ))}
          </section>
        )}
        <Cases cases={rule.cases} />
      </aside>
    </div>
  )
}

function Cases({ cases }: { readonly cases: Rule['cases'] }) {
  const failed = cases.filter(({ passed }) => !passed).length
  return (
    <section className="panel">
      <h2>Cases</h2>
      {cases.length === 0 ? (
        <p className="quiet">No case judges it.</p>
      ) : (
        <>
          <p>
            {failed === 0
              ? cases.length === 1
                ? 'The case passes.'
                : `All ${count(cases.length)} pass.`
              : `${count(failed)} of ${count(cases.length)} fail.`}
          </p>
          <ul className="cases">
            {cases.map(({ name, passed, reason }) => (
              <li key={name}>
                <span className={passed ? 'ok' : 'bad'}>{passed ? 'passes' : 'fails'}</span>{' '}
                <RawText text={name.replace(/\.[a-z]+$/, '')} />
                {reason !== null && (
                  <span className="line quiet">
                    <RawText text={reason} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
