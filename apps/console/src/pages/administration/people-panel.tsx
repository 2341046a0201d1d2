import { useNavigate } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { fieldOf } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { OnceDialog } from '../../parts/once-dialog.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { Bar } from './bar.tsx'
import { addUserDocument, peopleDocument, type Person, type Tenant } from './documents.ts'
import { PersonDialog } from './person-dialog.tsx'
import { RoleSelect } from './role-select.tsx'
import { TenantSelect } from './tenant-select.tsx'

/** Who may sign in, and what they are. */
export function PeoplePanel({ opened }: { readonly opened: string | undefined }) {
  const { data, error } = useAnswer(peopleDocument, {}, { live: false })
  const mayAct = useSession().may('Mutation.addUser')
  const [adding, setAdding] = useState(false)
  const navigate = useNavigate()
  useKeys(mayAct ? [{ keys: 'c', label: 'add somebody', run: () => setAdding(true) }] : [])
  const people = data?.accounts
  const tenants = data?.tenants ?? []
  const person = people?.find(({ name }) => name === opened)
  return (
    <>
      <div className="top">
        <h1>{people ? heading(people) : 'People'}</h1>
      </div>
      <Bar>
        {mayAct && (
          <button type="button" onClick={() => setAdding(true)}>
            Add somebody… <Kbd keys="c" />
          </button>
        )}
      </Bar>
      {error && (
        <Failure what="The people could not be read" error={error} onRetry={() => void refresh()}>
          {people && <p>What was read before is below.</p>}
        </Failure>
      )}
      {!people && !error && <Loading what="people" />}
      {people?.length === 0 && (
        <Empty title="Nobody has an account yet">
          <p>
            The setup token that <code>vedette up</code> prints makes the first.
          </p>
        </Empty>
      )}
      {people && people.length > 0 && <PeopleTable people={people} tenants={tenants} />}
      {opened !== undefined && people && !person && (
        <Empty title={`Nobody here is called ${opened}`}>
          <p>
            <Link to="/administration">See everybody</Link>
          </p>
        </Empty>
      )}
      {person && (
        <PersonDialog
          person={person}
          tenants={tenants}
          ownRoles={data?.custom_roles ?? []}
          onClose={() => void navigate({ to: '/administration', search: {} })}
        />
      )}
      {adding && <AddDialog tenants={tenants} onClose={() => setAdding(false)} />}
    </>
  )
}

function PeopleTable({
  people,
  tenants,
}: {
  readonly people: readonly Person[]
  readonly tenants: readonly Tenant[]
}) {
  return (
    <div className="table-scroll">
      <table className="data">
        <thead>
          <tr>
            <th>Name</th>
            <th>Role</th>
            <th>State</th>
            <th>Proved by</th>
            <th className="number">Last sign-in</th>
            <th className="number">Added</th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id} className={person.disabled ? 'off' : undefined}>
              <td className="name">
                <Link to="/administration" search={{ person: person.name }}>
                  <RawText text={person.name} />
                </Link>
              </td>
              <td className="clip" title={rolesOf(person, tenants)}>
                <RawText text={rolesOf(person, tenants)} />
              </td>
              <td>
                <span className="state">
                  <i
                    className={person.disabled ? 'dot off' : person.must_change ? 'dot warn' : 'dot ok'}
                    aria-hidden="true"
                  />
                  {stateOf(person)}
                </span>
              </td>
              <td className={proofs(person).length < 2 && person.issuer === null ? undefined : 'quiet'}>
                {proofs(person).join(', ')}
              </td>
              <td className="number quiet">
                {person.last_sign_in === null ? 'never' : <Ago at={person.last_sign_in} />}
              </td>
              <td className="number quiet">
                <Ago at={person.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Asks who, what and where; then shows the first password once. */
function AddDialog({
  tenants,
  onClose,
}: {
  readonly tenants: readonly Tenant[]
  readonly onClose: () => void
}) {
  const [made, setMade] = useState<{ readonly name: string; readonly password: string }>()
  if (made) {
    return (
      <OnceDialog title={`${made.name} may sign in`} secret={made.password} onClose={onClose}>
        <p>Tell them this password. At the first sign-in they choose one of their own.</p>
      </OnceDialog>
    )
  }
  return (
    <FormDialog
      title="Add somebody"
      verb="Add them"
      onClose={onClose}
      onSubmit={async (form) => {
        const name = fieldOf(form, 'name')
        const { addUser } = await change(addUserDocument, {
          name,
          role: fieldOf(form, 'role'),
          tenant: fieldOf(form, 'tenant') || null,
        })
        setMade({ name, password: addUser.password })
        return false
      }}
    >
      <label className="field">
        Name
        <input
          name="name"
          required
          maxLength={64}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby="name-hint"
        />
      </label>
      <p className="hint" id="name-hint">
        Letters, digits and . _ @ - ; it stands in the audit log.
      </p>
      <div className="field">
        <span aria-hidden="true">What they are</span>
        <RoleSelect label="What they are" />
      </div>
      <TenantSelect tenants={tenants} />
    </FormDialog>
  )
}

/** The role alone where there is one tenant; else with the tenant's name. */
function rolesOf({ roles }: Person, tenants: readonly Tenant[]): string {
  if (roles.length === 0) return 'nothing'
  if (tenants.length < 2) return roles.map(({ role }) => role).join(', ')
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  return roles.map(({ role, tenant }) => `${role} in ${names.get(tenant) ?? tenant}`).join(', ')
}

function stateOf({ disabled, must_change: mustChange }: Person): string {
  if (disabled) return 'shut out'
  return mustChange ? 'has not come yet' : 'may sign in'
}

function proofs({ issuer, second_factor: secondFactor, passkeys }: Person): string[] {
  if (issuer !== null) return [new URL(issuer).host]
  return [
    secondFactor || passkeys > 0 ? 'password' : 'password alone',
    ...(secondFactor ? ['authenticator app'] : []),
    ...(passkeys > 0 ? [plural(passkeys, 'passkey')] : []),
  ]
}

function heading(people: readonly Person[]): string {
  const inside = people.filter(({ disabled }) => !disabled)
  const bare = inside.filter((person) => proofs(person)[0] === 'password alone').length
  const who = inside.length === 1 ? 'One person may sign in' : `${count(inside.length)} people may sign in`
  if (bare === 0) return `${who}, all with a second factor`
  if (bare === inside.length) return `${who}, ${bare === 1 ? '' : 'all '}with a password alone`
  return `${who}, ${bare === 1 ? 'one' : count(bare)} with a password alone`
}
