import { useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { fieldOf } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { Failure, Loading } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { count } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { Bar } from './bar.tsx'
import { addTenantDocument, peopleDocument, renameTenantDocument, type Tenant } from './documents.ts'

/** The tenants of the organisation; none sees what another one has. */
export function TenantsPanel() {
  const { data, error } = useAnswer(peopleDocument, {}, { live: false })
  const mayAct = useSession().may('Mutation.addTenant')
  const [dialog, setDialog] = useState<Tenant | 'add'>()
  useKeys(mayAct ? [{ keys: 'c', label: 'add a tenant', run: () => setDialog('add') }] : [])
  const tenants = data?.tenants
  return (
    <>
      <div className="top">
        <h1>
          {tenants
            ? tenants.length === 1
              ? 'One tenant'
              : `${count(tenants.length)} tenants, each with its own`
            : 'Tenants'}
        </h1>
      </div>
      <Bar show="tenants">
        {mayAct && (
          <button type="button" onClick={() => setDialog('add')}>
            Add a tenant… <Kbd keys="c" />
          </button>
        )}
      </Bar>
      {error && <Failure what="The tenants could not be read" error={error} onRetry={() => void refresh()} />}
      {!tenants && !error && <Loading what="tenants" />}
      {tenants && (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Name</th>
                <th className="number">People</th>
                <th className="number">Admins</th>
                <th className="number">Added</th>
                <th>Id</th>
                {mayAct && <th>Act</th>}
              </tr>
            </thead>
            <tbody>
              {tenants.map((tenant) => {
                const roles = (data?.accounts ?? [])
                  .filter(({ disabled }) => !disabled)
                  .flatMap((person) => person.roles.filter((each) => each.tenant === tenant.id))
                const admins = roles.filter(({ role }) => role === 'admin').length
                return (
                  <tr key={tenant.id}>
                    <td className="name">
                      <RawText text={tenant.name} />
                    </td>
                    <td className="number">{count(roles.length)}</td>
                    <td className={admins === 0 ? 'number quiet' : 'number'}>{count(admins)}</td>
                    <td className="number quiet">
                      {tenant.created_at === null ? 'from the start' : <Ago at={tenant.created_at} />}
                    </td>
                    <td className="quiet">
                      <code>{tenant.id}</code>
                    </td>
                    {mayAct && (
                      <td className="act-cell">
                        {tenant.created_at !== null && (
                          <button
                            type="button"
                            aria-label={`Rename ${tenant.name}`}
                            onClick={() => setDialog(tenant)}
                          >
                            Rename…
                          </button>
                        )}
                      </td>
                    )}
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      {dialog !== undefined && (
        <FormDialog
          title={dialog === 'add' ? 'Add a tenant' : `Rename ${dialog.name}`}
          verb={dialog === 'add' ? 'Add the tenant' : 'Rename it'}
          onClose={() => setDialog(undefined)}
          onSubmit={async (form) => {
            const name = fieldOf(form, 'name')
            if (dialog === 'add') {
              await change(addTenantDocument, { name })
              say(`${name} is a tenant now; nobody has a role in it yet`)
            } else {
              await change(renameTenantDocument, { tenant: dialog.id, name })
              say(`${dialog.name} is called ${name} now`)
            }
          }}
        >
          <p>
            {dialog === 'add'
              ? 'It has hosts, alerts, indicators and keys of its own, and sees nothing of the other tenants. Nobody has a role in it at first: you say who does.'
              : 'Its id, its hosts and everything that it has stay.'}
          </p>
          <label className="field">
            Name
            <input
              name="name"
              required
              maxLength={64}
              autoComplete="off"
              spellCheck={false}
              defaultValue={dialog === 'add' ? '' : dialog.name}
            />
          </label>
        </FormDialog>
      )}
    </>
  )
}
