import type { ResultOf } from '@vedette/client'
import { useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { fieldOf, typedIn } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { Failure, Loading } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { Bar } from './bar.tsx'
import { removeCustomRoleDocument, rolesDocument, setCustomRoleDocument } from './documents.ts'
import { HOUSE_ROLES } from './role-select.tsx'
import { TenantSelect } from './tenant-select.tsx'

type Role = ResultOf<typeof rolesDocument>['custom_roles'][number]
type Tenants = ResultOf<typeof rolesDocument>['tenants']

const FIRST_POLICIES = 'permit(principal, action in Action::"viewer", resource);\n'

/** The roles of the house, and those of the tenants' own as Cedar policies. */
export function RolesPanel() {
  const { data, error } = useAnswer(rolesDocument, {}, { live: false })
  const mayAct = useSession().may('Mutation.setCustomRole')
  const [edited, setEdited] = useState<Role | 'new'>()
  const [removing, setRemoving] = useState<Role>()
  useKeys(mayAct ? [{ keys: 'c', label: 'make a role', run: () => setEdited('new') }] : [])
  const own = data?.custom_roles
  const tenants = data?.tenants ?? []
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  const holders = (role: string, tenant?: string) =>
    (data?.accounts ?? []).filter((person) =>
      person.roles.some((each) => each.role === role && (tenant === undefined || each.tenant === tenant)),
    ).length
  return (
    <>
      <div className="top">
        <h1>
          {own
            ? `Six roles of the house, ${own.length === 0 ? 'none' : own.length === 1 ? 'one' : count(own.length)} of your own`
            : 'Roles'}
        </h1>
      </div>
      <Bar show="roles">
        {mayAct && (
          <button type="button" onClick={() => setEdited('new')}>
            Make a role… <Kbd keys="c" />
          </button>
        )}
      </Bar>
      {error && <Failure what="The roles could not be read" error={error} onRetry={() => void refresh()} />}
      {!own && !error && <Loading what="roles" />}
      {own && (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Role</th>
                <th>Tenant</th>
                <th>For</th>
                <th className="number">People</th>
                <th>Changed</th>
                {mayAct && <th>Act</th>}
              </tr>
            </thead>
            <tbody>
              {HOUSE_ROLES.map(([role, what]) => (
                <tr key={role}>
                  <td className="name">{role}</td>
                  <td className="quiet">all</td>
                  <td>{what}</td>
                  <td className="number">{count(holders(role))}</td>
                  <td className="quiet">of the house</td>
                  {mayAct && <td className="act-cell quiet">fixed</td>}
                </tr>
              ))}
              {own.map((role) => (
                <tr key={`${role.tenant} ${role.name}`}>
                  <td className="name">
                    <RawText text={role.name} />
                  </td>
                  <td className="quiet">
                    <RawText text={names.get(role.tenant) ?? role.tenant} />
                  </td>
                  <td className="clip">
                    <RawText text={role.description} />
                  </td>
                  <td className="number">{count(holders(role.name, role.tenant))}</td>
                  <td className="quiet">
                    <Ago at={role.updated_at} /> by <RawText text={role.updated_by} />
                  </td>
                  {mayAct && (
                    <td className="act-cell">
                      <button type="button" aria-label={`Edit ${role.name}`} onClick={() => setEdited(role)}>
                        Edit…
                      </button>{' '}
                      <button
                        type="button"
                        aria-label={`Remove ${role.name}`}
                        onClick={() => setRemoving(role)}
                      >
                        Remove…
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edited !== undefined && (
        <RoleDialog
          role={edited === 'new' ? undefined : edited}
          tenants={tenants}
          held={edited === 'new' ? 0 : holders(edited.name, edited.tenant)}
          onClose={() => setEdited(undefined)}
        />
      )}
      {removing && (
        <FormDialog
          title={`Remove the role ${removing.name}`}
          verb="Remove it"
          danger
          onClose={() => setRemoving(undefined)}
          onSubmit={async () => {
            await change(removeCustomRoleDocument, { name: removing.name, tenant: removing.tenant })
            say(`The role ${removing.name} is gone`)
          }}
        >
          <p>Its policies go for good. While somebody has it, it stays.</p>
        </FormDialog>
      )}
    </>
  )
}

function RoleDialog({
  role,
  tenants,
  held,
  onClose,
}: {
  readonly role: Role | undefined
  readonly tenants: Tenants
  readonly held: number
  readonly onClose: () => void
}) {
  return (
    <FormDialog
      title={role ? `The role ${role.name}` : 'Make a role'}
      verb={role ? 'Put it in force' : 'Make the role'}
      wide
      onClose={onClose}
      onSubmit={async (form) => {
        const name = role?.name ?? fieldOf(form, 'name')
        await change(setCustomRoleDocument, {
          name,
          description: fieldOf(form, 'description'),
          policies: typedIn(form, 'policies').replaceAll('\r\n', '\n'),
          tenant: role?.tenant ?? (fieldOf(form, 'tenant') || null),
        })
        say(`The role ${name} is in force`)
      }}
    >
      {held > 0 && (
        <p>{plural(held, 'person has', 'people have')} it: what it allows changes at their next request.</p>
      )}
      {!role && (
        <>
          <label className="field">
            Name
            <input
              name="name"
              required
              maxLength={64}
              pattern="[a-z][a-z0-9\-]*"
              autoComplete="off"
              spellCheck={false}
              placeholder="night-watch"
            />
          </label>
          <TenantSelect tenants={tenants} />
        </>
      )}
      <label className="field">
        What it is for
        <input name="description" maxLength={500} autoComplete="off" defaultValue={role?.description ?? ''} />
      </label>
      <label className="field">
        Policies
        <textarea
          className="mono"
          name="policies"
          rows={12}
          required
          spellCheck={false}
          defaultValue={role?.policies ?? FIRST_POLICIES}
        />
      </label>
      <p className="hint">
        Cedar. Each operation is an action, such as Action::&quot;Mutation.closeIncident&quot;; each role of
        the house a group of them. What no policy permits is denied.
      </p>
    </FormDialog>
  )
}
