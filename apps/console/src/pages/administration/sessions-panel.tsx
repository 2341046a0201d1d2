import type { ResultOf } from '@vedette/client'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { visibleText } from '../../text/hidden.ts'
import { plural } from '../../text/numbers.ts'
import { programName } from '../../text/program.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago, Until } from '../../time/time.tsx'
import { Bar } from './bar.tsx'
import { endDocument, sessionsDocument } from './documents.ts'

type Session = ResultOf<typeof sessionsDocument>['account_sessions'][number]

/** Who is signed in, and from where. */
export function SessionsPanel() {
  const { data, error } = useAnswer(sessionsDocument, { name: null }, { live: false })
  const mayAct = useSession().may('Mutation.endSessions')
  const [ending, setEnding] = useState<{ readonly session: Session; readonly name: string }>()
  const sessions = data?.account_sessions
  const names = new Map(data?.accounts.map(({ id, name }) => [id, name]))
  const people = new Set(sessions?.map(({ account }) => account)).size
  return (
    <>
      <div className="top">
        <h1>
          {sessions
            ? `${people === 1 ? 'One person is' : `${plural(people, 'person', 'people')} are`} signed in, ${plural(sessions.length, 'session')} in all`
            : 'Signed in'}
        </h1>
      </div>
      <Bar show="sessions" />
      {error && (
        <Failure what="The sessions could not be read" error={error} onRetry={() => void refresh()} />
      )}
      {!sessions && !error && <Loading what="sessions" />}
      {sessions?.length === 0 && <Empty title="Nobody is signed in" />}
      {sessions && sessions.length > 0 && (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Who</th>
                <th>Program</th>
                <th>Address</th>
                <th className="number">Signed in</th>
                <th className="number">Ends unless used</th>
                {mayAct && <th>Act</th>}
              </tr>
            </thead>
            <tbody>
              {sessions.map((session) => {
                const name = names.get(session.account) ?? session.account
                return (
                  <tr key={session.id}>
                    <td className="name">
                      <Link to="/administration" search={{ person: name }}>
                        <RawText text={name} />
                      </Link>
                    </td>
                    <td className="clip" title={visibleText(session.program)}>
                      <RawText text={programName(session.program)} />
                    </td>
                    <td className="quiet">
                      <RawText text={session.address} />
                    </td>
                    <td className="number quiet">
                      <Ago at={session.created_at} />
                    </td>
                    <td className="number quiet">
                      <Until at={session.expires_at} />
                    </td>
                    {mayAct && (
                      <td className="act-cell">
                        <button
                          type="button"
                          aria-label={`End the session of ${name} from ${session.address}`}
                          onClick={() => setEnding({ session, name })}
                        >
                          End…
                        </button>
                      </td>
                    )}
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      {ending && (
        <FormDialog
          title={`End a session of ${ending.name}`}
          verb="End the session"
          danger
          onClose={() => setEnding(undefined)}
          onSubmit={async () => {
            await change(endDocument, { name: ending.name, session: ending.session.id })
            say(`The session of ${ending.name} ended`)
          }}
        >
          <p>
            {programName(ending.session.program)} at {ending.session.address} is signed out within a second.
            They may sign in again; to keep them out, shut the account out.
          </p>
        </FormDialog>
      )}
    </>
  )
}
