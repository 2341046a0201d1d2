import type { OwnAccount } from '@vedette/client/rest'
import { useState } from 'react'
import { account, doing } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { scopeWords } from '../../parts/scope-field.tsx'
import { say } from '../../parts/toast.tsx'
import { RawText } from '../../text/raw-text.tsx'
import { Ago, Until } from '../../time/time.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'

type OwnKey = OwnAccount['keys'][number]

/** What programs sign in with in one's own name. */
export function OwnKeys({ own }: { readonly own: OwnAccount }) {
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<OwnKey>()
  useKeys(own.has_password ? [{ keys: 'c', label: 'make a key', run: () => setMaking(true) }] : [])
  return (
    <section aria-labelledby="own-keys">
      <h2 id="own-keys">
        Keys of your programs
        {own.has_password && (
          <span>
            <button type="button" onClick={() => setMaking(true)}>
              Make a key… <Kbd keys="c" />
            </button>
          </span>
        )}
      </h2>
      {own.keys.length === 0 ? (
        <p className="none">
          None. With a key a program of yours does what you may do, or a part of it; where your role goes, it
          goes too.
        </p>
      ) : (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Name</th>
                <th>For</th>
                <th>Tenant</th>
                <th className="number">Made</th>
                <th className="number">Last used</th>
                <th className="number">Ends</th>
                <th>Act</th>
              </tr>
            </thead>
            <tbody>
              {own.keys.map((key) => (
                <tr key={key.id}>
                  <td className="name">
                    <RawText text={key.name} />
                  </td>
                  <td className="clip" title={key.operations?.join('\n')}>
                    {scopeWords(key.operations, 'all that you may do')}
                  </td>
                  <td className="quiet">
                    <RawText text={key.tenant} />
                  </td>
                  <td className="number quiet">
                    <Ago at={key.created_at} />
                  </td>
                  <td className="number quiet">
                    {key.last_used_at === null ? 'never' : <Ago at={key.last_used_at} />}
                  </td>
                  <td className="number quiet">
                    {key.expires_at === null ? 'never' : <Until at={key.expires_at} />}
                  </td>
                  <td className="act-cell">
                    <button
                      type="button"
                      aria-label={`Take back the key ${key.name}`}
                      onClick={() => setRevoking(key)}
                    >
                      Take back…
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making && <NewKeyDialog onClose={() => setMaking(false)} />}
      {revoking && (
        <FormDialog
          title={`Take back the key ${revoking.name}`}
          verb="Take it back"
          danger
          onClose={() => setRevoking(undefined)}
          onSubmit={async () => {
            await doing(() => account.revokeKey(revoking.id))
            say(`The key ${revoking.name} is of no use any more`)
          }}
        >
          <p>
            Programs that use it are refused from now on. It does not come back: a new key has another text.
          </p>
        </FormDialog>
      )}
    </section>
  )
}
