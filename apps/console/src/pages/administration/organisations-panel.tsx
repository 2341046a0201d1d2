import { useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { fieldOf } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { OnceDialog } from '../../parts/once-dialog.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { Bar } from './bar.tsx'
import { addOrganisationDocument, organisationsDocument } from './documents.ts'

/** Other organisations in the same house: they share nothing. */
export function OrganisationsPanel() {
  const { data, error } = useAnswer(organisationsDocument, {}, { live: false })
  const mayAct = useSession().may('Mutation.addOrganisation')
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<{ readonly sign_in_name: string; readonly password: string }>()
  useKeys(mayAct ? [{ keys: 'c', label: 'found an organisation', run: () => setAdding(true) }] : [])
  const organisations = data?.organisations
  return (
    <>
      <div className="top">
        <h1>
          {organisations && organisations.length > 0
            ? `${plural(organisations.length, 'organisation')} besides the first`
            : 'Organisations'}
        </h1>
      </div>
      <Bar show="organisations">
        {mayAct && (
          <button type="button" onClick={() => setAdding(true)}>
            Found one… <Kbd keys="c" />
          </button>
        )}
      </Bar>
      {error && (
        <Failure what="The organisations could not be read" error={error} onRetry={() => void refresh()} />
      )}
      {!organisations && !error && <Loading what="organisations" />}
      {organisations?.length === 0 && (
        <Empty title="There is the first organisation alone">
          <p>
            Tenants share the people of one organisation. Organisations share nothing, and none sees another
            one.
          </p>
        </Empty>
      )}
      {organisations && organisations.length > 0 && (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Name</th>
                <th>Its people sign in as</th>
                <th className="number">Founded</th>
                <th>Id of its first tenant</th>
              </tr>
            </thead>
            <tbody>
              {organisations.map((organisation) => (
                <tr key={organisation.id}>
                  <td className="name">
                    <RawText text={organisation.name} />
                  </td>
                  <td className="quiet">
                    <code>
                      <RawText text={organisation.name} />
                      /name
                    </code>
                  </td>
                  <td className="number quiet">
                    <Ago at={organisation.created_at} />
                  </td>
                  <td className="quiet">
                    <code>{organisation.id}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adding && (
        <FormDialog
          title="Found an organisation"
          verb="Found it"
          onClose={() => setAdding(false)}
          onSubmit={async (form) => {
            const { addOrganisation } = await change(addOrganisationDocument, {
              name: fieldOf(form, 'name'),
              admin: fieldOf(form, 'admin'),
            })
            setMade(addOrganisation)
          }}
        >
          <p>
            It has people, tenants, roles and hosts of its own. Its admin sees nothing of yours, and you
            nothing of theirs.
          </p>
          <label className="field">
            Name
            <input name="name" required maxLength={64} autoComplete="off" spellCheck={false} />
          </label>
          <label className="field">
            Who looks after it
            <input name="admin" required maxLength={64} autoComplete="off" spellCheck={false} />
          </label>
        </FormDialog>
      )}
      {made && (
        <OnceDialog
          title={`${made.sign_in_name} may sign in`}
          secret={made.password}
          onClose={() => setMade(undefined)}
        >
          <p>
            Tell them this password. They sign in as <code>{made.sign_in_name}</code> and choose one of their
            own.
          </p>
        </OnceDialog>
      )}
    </>
  )
}
