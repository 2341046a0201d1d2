import type { OwnAccount } from '@vedette/client/rest'
import { useState } from 'react'
import { account, doing } from '../../api/api.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { say } from '../../parts/toast.tsx'
import { visibleText } from '../../text/hidden.ts'
import { plural } from '../../text/numbers.ts'
import { programName } from '../../text/program.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago, Until } from '../../time/time.tsx'

type OwnSession = OwnAccount['sessions'][number]

/** Where one is signed in. */
export function OwnSessions({ sessions }: { readonly sessions: readonly OwnSession[] }) {
  const [ending, setEnding] = useState<OwnSession | 'others'>()
  const others = sessions.filter(({ current }) => !current).length
  return (
    <section aria-labelledby="own-sessions">
      <h2 id="own-sessions">
        Where you are signed in
        {others > 0 && (
          <span>
            <button type="button" className="fresh" onClick={() => setEnding('others')}>
              End all others…
            </button>
          </span>
        )}
      </h2>
      <div className="table-scroll">
        <table className="data">
          <thead>
            <tr>
              <th>Program</th>
              <th>Address</th>
              <th className="number">Signed in</th>
              <th className="number">Ends unless used</th>
              <th>Act</th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.id}>
                <td className="name clip" title={visibleText(session.program)}>
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
                <td className="act-cell">
                  {session.current ? (
                    <span className="quiet">this one</span>
                  ) : (
                    <button
                      type="button"
                      aria-label={`End the session of ${programName(session.program)} from ${session.address}`}
                      onClick={() => setEnding(session)}
                    >
                      End…
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {ending !== undefined && (
        <FormDialog
          title={ending === 'others' ? `End ${plural(others, 'other session')}` : 'End this session'}
          verb={ending === 'others' ? `End ${plural(others, 'session')}` : 'End the session'}
          danger
          onClose={() => setEnding(undefined)}
          onSubmit={async () => {
            const { sessions_ended: ended } = await doing(() =>
              account.endSessions(ending === 'others' ? undefined : ending.id),
            )
            say(`${plural(ended, 'session')} ended`)
          }}
        >
          <p>
            {ending === 'others' ? (
              'You stay signed in here. All other pages that are open close within a second.'
            ) : (
              <>
                {programName(ending.program)} at {ending.address} is signed out within a second. If that was
                not you, change your password too.
              </>
            )}
          </p>
        </FormDialog>
      )}
    </section>
  )
}
