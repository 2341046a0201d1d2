import { type ReactNode, useState } from 'react'
import { change } from '../../api/api.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { faultOf } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { OnceDialog } from '../../parts/once-dialog.tsx'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import {
  disableDocument,
  enableDocument,
  endDocument,
  type OwnRole,
  type Person,
  removeDocument,
  resetDocument,
  setRoleDocument,
  type Tenant,
} from './documents.ts'
import { RoleSelect } from './role-select.tsx'

type Act = 'disable' | 'enable' | 'reset' | 'reset-all' | 'end' | 'remove'

/** One account: what they are in each tenant, and what an admin does with it. */
export function PersonDialog({
  person,
  tenants,
  ownRoles,
  onClose,
}: {
  readonly person: Person
  readonly tenants: readonly Tenant[]
  readonly ownRoles: readonly OwnRole[]
  readonly onClose: () => void
}) {
  const [act, setAct] = useState<Act>()
  const { may, user } = useSession()
  const mayAct = may('Mutation.setUserRole')
  if (act !== undefined) {
    return (
      <ActDialog
        act={act}
        person={person}
        isSelf={person.id === user.id}
        onClose={() => setAct(undefined)}
        onGone={onClose}
      />
    )
  }
  return (
    <Dialog title={<RawText text={person.name} />} onClose={onClose} wide>
      <dl className="facts">
        <dt>State</dt>
        <dd>
          {person.disabled
            ? 'shut out'
            : person.must_change
              ? 'has a first password, not used yet'
              : 'may sign in'}
        </dd>
        <dt>Proved by</dt>
        <dd>{provedBy(person)}</dd>
        <dt>Last sign-in</dt>
        <dd>{person.last_sign_in === null ? 'never' : <Ago at={person.last_sign_in} long />}</dd>
        <dt>Added</dt>
        <dd>
          <Ago at={person.created_at} long />
        </dd>
      </dl>
      <Roles person={person} tenants={tenants} ownRoles={ownRoles} mayAct={mayAct} />
      {mayAct && (
        <div className="actions">
          <button type="button" onClick={() => setAct('end')}>
            End sessions…
          </button>
          {person.issuer === null && (
            <button type="button" onClick={() => setAct('reset')}>
              New password…
            </button>
          )}
          {(person.second_factor || person.passkeys > 0) && (
            <button type="button" onClick={() => setAct('reset-all')}>
              Reset second factor…
            </button>
          )}
          {person.disabled ? (
            <button type="button" onClick={() => setAct('enable')}>
              Let in again…
            </button>
          ) : (
            <button type="button" onClick={() => setAct('disable')}>
              Shut out…
            </button>
          )}
          <button type="button" className="danger" onClick={() => setAct('remove')}>
            Remove…
          </button>
        </div>
      )}
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          Close <Kbd keys="Escape" />
        </button>
      </div>
    </Dialog>
  )
}

function provedBy({ issuer, second_factor: secondFactor, passkeys }: Person): string {
  if (issuer !== null) return issuer
  const others = [
    ...(secondFactor ? ['an authenticator app'] : []),
    ...(passkeys > 0 ? [plural(passkeys, 'passkey')] : []),
  ]
  return others.length === 0 ? 'a password alone' : `a password, and ${others.join(' or ')}`
}

/** A role in each tenant, in force as soon as it is chosen. */
function Roles({
  person,
  tenants,
  ownRoles,
  mayAct,
}: {
  readonly person: Person
  readonly tenants: readonly Tenant[]
  readonly ownRoles: readonly OwnRole[]
  readonly mayAct: boolean
}) {
  const [busy, setBusy] = useState(false)
  const set = async (tenant: Tenant, role: string) => {
    setBusy(true)
    try {
      await change(setRoleDocument, { name: person.name, tenant: tenant.id, role: role || null })
      const where = tenants.length > 1 ? ` in ${tenant.name}` : ''
      say(`${person.name} is ${role || 'nothing'}${where} from the next request on`)
    } catch (failure) {
      say(reasonOf(faultOf(failure)), { bad: true })
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <h3>{tenants.length > 1 ? 'What they are in each tenant' : 'What they are'}</h3>
      <div className="role-rows">
        {tenants.map((tenant) => {
          const role = person.roles.find((each) => each.tenant === tenant.id)?.role
          return (
            <Row key={tenant.id} label={tenant.name}>
              {mayAct ? (
                <RoleSelect
                  label={`What ${person.name} is in ${tenant.name}`}
                  value={role ?? ''}
                  own={ownRoles.filter((each) => each.tenant === tenant.id).map(({ name }) => name)}
                  none
                  disabled={busy}
                  onChange={(next) => void set(tenant, next)}
                />
              ) : (
                (role ?? 'nothing there')
              )}
            </Row>
          )
        })}
      </div>
    </>
  )
}

function Row({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <>
      <RawText text={label} />
      <span>{children}</span>
    </>
  )
}

/** Says what will happen, does it, and shows what is told once. */
function ActDialog({
  act,
  person,
  isSelf,
  onClose,
  onGone,
}: {
  readonly act: Act
  readonly person: Person
  readonly isSelf: boolean
  readonly onClose: () => void
  readonly onGone: () => void
}) {
  const [password, setPassword] = useState<string>()
  const { name } = person
  if (password !== undefined) {
    return (
      <OnceDialog title={`A new password for ${name}`} secret={password} onClose={onClose}>
        <p>Tell it to them yourself. At the next sign-in they choose one of their own.</p>
      </OnceDialog>
    )
  }
  const { title, verb, says, danger } = wordsOf(act, person)
  return (
    <FormDialog
      title={title}
      verb={verb}
      danger={danger}
      onClose={onClose}
      onSubmit={async () => {
        switch (act) {
          case 'disable':
            await change(disableDocument, { name })
            return say(`${name} is shut out`)
          case 'enable':
            await change(enableDocument, { name })
            return say(`${name} may sign in again`)
          case 'end': {
            const { endSessions } = await change(endDocument, { name })
            return say(
              endSessions === 0 ? `${name} was signed in nowhere` : `${plural(endSessions, 'session')} ended`,
            )
          }
          case 'remove':
            await change(removeDocument, { name })
            say(`The account ${name} is gone`)
            onGone()
            return undefined
          default: {
            const { resetUser } = await change(resetDocument, { name, second_factor: act === 'reset-all' })
            setPassword(resetUser.password)
            return false
          }
        }
      }}
    >
      <p>{says}</p>
      {isSelf && act !== 'enable' && <p className="problem">This is your own account.</p>}
    </FormDialog>
  )
}

function wordsOf(
  act: Act,
  { name, second_factor: secondFactor, passkeys, issuer }: Person,
): { readonly title: string; readonly verb: string; readonly says: string; readonly danger: boolean } {
  switch (act) {
    case 'disable':
      return {
        title: `Shut out ${name}`,
        verb: `Shut out ${name}`,
        says: 'Their sessions end and the keys of their own stop working within a second. The account and its roles stay.',
        danger: true,
      }
    case 'enable':
      return {
        title: `Let ${name} in again`,
        verb: `Let ${name} in`,
        says: 'With the same password, the same roles and the same second factor as before.',
        danger: false,
      }
    case 'end':
      return {
        title: `End all sessions of ${name}`,
        verb: 'End the sessions',
        says: 'Their open pages close within a second. They may sign in again at once.',
        danger: false,
      }
    case 'reset':
      return {
        title: `A new password for ${name}`,
        verb: 'Make a new password',
        says: 'The old one stops working and all their sessions end. Their second factor stays.',
        danger: false,
      }
    case 'reset-all':
      return {
        title: `Reset the second factor of ${name}`,
        verb: 'Reset it',
        says: `${[
          secondFactor ? 'Their authenticator app with its recovery codes' : '',
          passkeys > 0 ? `${secondFactor ? 'their' : 'Their'} ${plural(passkeys, 'passkey')}` : '',
        ]
          .filter(Boolean)
          .join(
            ' and ',
          )} will be taken away, they get a new password, and all their sessions end. Be sure who asks for it.`,
        danger: true,
      }
    default:
      return {
        title: `Remove ${name}`,
        verb: `Remove ${name}`,
        says: `The account goes with its roles, sessions, keys and second factor, for good. What they did stays in the audit log.${
          issuer === null ? '' : ' Their identity provider can bring them back: take them away there too.'
        }`,
        danger: true,
      }
  }
}
