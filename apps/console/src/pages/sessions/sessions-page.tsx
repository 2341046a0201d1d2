import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { graphql, type ResultOf } from '@vedette/client'
import { useState } from 'react'
import { refresh, useAnswer } from '../../api/api.ts'
import { Find } from '../../parts/find.tsx'
import { SpanSelect } from '../../parts/span-select.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { usePlace } from '../../shell/header.tsx'
import { visibleText } from '../../text/hidden.ts'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { span } from '../../time/format.ts'
import { spanBounds } from '../../time/span.ts'
import { Ago, Clock } from '../../time/time.tsx'
import type { SessionFilter } from './filter.ts'

const USUAL = '7d'
/** How long the page is about the same moment before it moves on, so that an answer can be kept. */
const STEP_MS = 15_000
/** An address as it may stand where a session came from. */
const ADDRESS = /^[\d.]+$|^[\da-f:.]*:[\da-f:.]+$/i

const sessionsDocument = graphql(`
  query Sessions($since: DateTime, $until: DateTime, $host: ID, $search: String, $unattended: Boolean) {
    login_sessions(since: $since, until: $until, host: $host, search: $search, unattended: $unattended) {
      count
      complete_since
      sessions {
        host
        user
        actor
        from
        service
        method
        start
        end
        duration_ms
        failed_before
      }
    }
  }
`)

type Session = ResultOf<typeof sessionsDocument>['login_sessions']['sessions'][number]

/** Who was logged in, from where, and how long. */
export function SessionsPage() {
  usePlace({ title: 'Sessions' })
  const filter = useSearch({ from: '/sessions' })
  const navigate = useNavigate()
  const { host, search, unattended } = filter
  const [openedAt] = useState(() => Math.ceil(Date.now() / STEP_MS) * STEP_MS)
  const { since } = spanBounds(filter, openedAt, USUAL)
  const { data, error } = useAnswer(sessionsDocument, {
    since: since ?? '1970-01-01T00:00:00.000Z',
    until: filter.to ?? null,
    host: host ?? null,
    search: search ?? null,
    unattended: unattended === 'yes',
  })
  const seen = data?.login_sessions
  const go = (change: Partial<Record<keyof SessionFilter, string | undefined>>) =>
    void navigate({ to: '/sessions', search: (before) => ({ ...before, ...change }) as SessionFilter })
  return (
    <>
      <div className="top">
        <h1>{seen ? heading(seen.sessions, seen.count) : 'Sessions'}</h1>
      </div>
      <div className="filters">
        <SpanSelect span={filter} usual={USUAL} onChange={({ range, from, to }) => go({ range, from, to })} />
        <button
          type="button"
          className={unattended ? 'chip on' : 'chip'}
          aria-pressed={unattended === 'yes'}
          onClick={() => go({ unattended: unattended ? undefined : 'yes' })}
        >
          Also cron and the like
        </button>
        {host !== undefined && (
          <button type="button" className="chip on" onClick={() => go({ host: undefined })}>
            This host only ×
          </button>
        )}
        <Find
          label="Find sessions"
          hint="user, source, service"
          words={search}
          onFind={(typed) => go({ search: typed })}
        />
      </div>
      {error && (
        <Failure what="The sessions could not be read" error={error} onRetry={() => void refresh()}>
          {seen && <p>What was read before is below.</p>}
        </Failure>
      )}
      {!seen && !error && <Loading what="sessions" />}
      {seen && since !== null && Date.parse(seen.complete_since) > Date.parse(since) && (
        <p className="lead">
          More happened than is read at once: sessions that began before <Ago at={seen.complete_since} long />{' '}
          may be missing. A shorter time shows all of it.
        </p>
      )}
      {seen?.sessions.length === 0 && (
        <Empty title="Nobody was let in in this time">
          <p>
            Sessions are put together from what sshd, login, su, sudo and PAM write into logs and the journal.{' '}
            <Link to="/hosts">See what each host watches</Link>, or read older logs with{' '}
            <code>vedette sessions /var/log</code>.
          </p>
        </Empty>
      )}
      {seen && seen.sessions.length > 0 && <SessionTable sessions={seen.sessions} />}
      {seen && seen.count > seen.sessions.length && (
        <p className="more">
          The newest {count(seen.sessions.length)} of {count(seen.count)} are shown.
        </p>
      )}
    </>
  )
}

function SessionTable({ sessions }: { readonly sessions: readonly Session[] }) {
  return (
    <div className="table-scroll">
      <table className="data">
        <thead>
          <tr>
            <th>User</th>
            <th>From</th>
            <th>Host</th>
            <th>Service</th>
            <th>Start</th>
            <th>End</th>
            <th className="number">Lasted</th>
            <th className="number">Refused before</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- two may have begun at one moment, and nothing here has a state
            <tr key={`${session.start} ${at}`}>
              <td className="name clip" title={visibleText(session.user)}>
                <RawText text={session.user === '' ? '–' : session.user} />
                {session.actor !== null && (
                  <span className="quiet">
                    {' '}
                    by <RawText text={session.actor} />
                  </span>
                )}
              </td>
              <td className="clip where">
                {session.from === null ? <span className="quiet">–</span> : <Source from={session.from} />}
              </td>
              <td>
                <RawText text={session.host} />
              </td>
              <td className="quiet">
                <RawText text={session.service} />
                {session.method !== null && (
                  <>
                    , <RawText text={session.method} />
                  </>
                )}
              </td>
              <td>
                <Clock at={session.start} precision="seconds" />
              </td>
              <td>
                {session.end === null ? (
                  <span className="quiet">not seen</span>
                ) : (
                  <Clock at={session.end} precision="seconds" />
                )}
              </td>
              <td className="number">
                {session.duration_ms === null ? <span className="quiet">–</span> : span(session.duration_ms)}
              </td>
              <td className={session.failed_before > 0 ? 'number bad' : 'number quiet'}>
                {count(session.failed_before)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Source({ from }: { readonly from: string }) {
  if (!ADDRESS.test(from)) return <RawText text={from} />
  return (
    <Link to="/network" search={{ address: from, range: 'all' }} title="What this address did on the network">
      <RawText text={from} />
    </Link>
  )
}

function heading(sessions: readonly Session[], all: number): string {
  if (all === 0) return 'No sessions'
  const open = sessions.filter(({ end }) => end === null).length
  return `${plural(all, 'session')}${open === 0 ? '' : `, of ${count(open)} no end was seen`}`
}
