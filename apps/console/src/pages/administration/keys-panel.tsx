import type { ResultOf } from '@vedette/client'
import { useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { EndField } from '../../parts/end-field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { fieldOf } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { OnceDialog } from '../../parts/once-dialog.tsx'
import { operationsOf, ScopeField, scopeWords } from '../../parts/scope-field.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { count } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago, Until } from '../../time/time.tsx'
import { Bar } from './bar.tsx'
import { createKeyDocument, keysDocument, revokeKeyDocument, type Tenant } from './documents.ts'
import { RoleSelect } from './role-select.tsx'
import { TenantSelect } from './tenant-select.tsx'

type Key = ResultOf<typeof keysDocument>['api_keys'][number]
const DAY_MS = 86_400_000

/** What programs sign in with, of the whole organisation. */
export function KeysPanel() {
  const { data, error } = useAnswer(keysDocument, {}, { live: false })
  const mayAct = useSession().may('Mutation.createApiKey')
  const [dialog, setDialog] = useState<Key | 'make'>()
  useKeys(mayAct ? [{ keys: 'c', label: 'make a key', run: () => setDialog('make') }] : [])
  const keys = data?.api_keys
  const tenants = data?.tenants ?? []
  return (
    <>
      <div className="top">
        <h1>{keys ? heading(keys) : 'Keys'}</h1>
      </div>
      <Bar show="keys">
        {mayAct && (
          <button type="button" onClick={() => setDialog('make')}>
            Make a key… <Kbd keys="c" />
          </button>
        )}
      </Bar>
      {error && <Failure what="The keys could not be read" error={error} onRetry={() => void refresh()} />}
      {!keys && !error && <Loading what="keys" />}
      {keys?.length === 0 && (
        <Empty title="No program has a key">
          <p>
            A key that is made here is of the organisation and has a role of its own. A key that people make
            on their account is never more than they are.
          </p>
        </Empty>
      )}
      {keys && keys.length > 0 && (
        <KeyTable keys={keys} tenants={tenants} mayAct={mayAct} onRevoke={setDialog} />
      )}
      {dialog === 'make' && <MakeDialog tenants={tenants} onClose={() => setDialog(undefined)} />}
      {dialog !== undefined && dialog !== 'make' && (
        <FormDialog
          title={`Take back the key ${dialog.name}`}
          verb="Take it back"
          danger
          onClose={() => setDialog(undefined)}
          onSubmit={async () => {
            await change(revokeKeyDocument, { key: dialog.id })
            say(`The key ${dialog.name} is of no use any more`)
          }}
        >
          <p>
            {dialog.last_used_at === null
              ? 'It was never used.'
              : 'It is in use: programs that have it are refused from now on.'}{' '}
            It was made by {dialog.made_by}. It does not come back.
          </p>
        </FormDialog>
      )}
    </>
  )
}

function KeyTable({
  keys,
  tenants,
  mayAct,
  onRevoke,
}: {
  readonly keys: readonly Key[]
  readonly tenants: readonly Pick<Tenant, 'id' | 'name'>[]
  readonly mayAct: boolean
  readonly onRevoke: (key: Key) => void
}) {
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  return (
    <div className="table-scroll">
      <table className="data">
        <thead>
          <tr>
            <th>Name</th>
            <th>Role</th>
            <th>For</th>
            {tenants.length > 1 && <th>Tenant</th>}
            <th>Made by</th>
            <th className="number">Made</th>
            <th className="number">Last used</th>
            <th className="number">Ends</th>
            {mayAct && <th>Act</th>}
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td className="name">
                <RawText text={key.name} />
              </td>
              <td>{key.own ? 'what its owner is' : key.role}</td>
              <td className="clip" title={key.operations?.join('\n')}>
                {scopeWords(key.operations, 'all of the role')}
              </td>
              {tenants.length > 1 && (
                <td className="quiet">
                  <RawText text={names.get(key.tenant) ?? key.tenant} />
                </td>
              )}
              <td>
                <RawText text={key.made_by} />
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
              {mayAct && (
                <td className="act-cell">
                  <button
                    type="button"
                    aria-label={`Take back the key ${key.name}`}
                    onClick={() => onRevoke(key)}
                  >
                    Take back…
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function MakeDialog({
  tenants,
  onClose,
}: {
  readonly tenants: readonly Pick<Tenant, 'id' | 'name'>[]
  readonly onClose: () => void
}) {
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>()
  if (made) {
    return (
      <OnceDialog title={`The key ${made.name}`} secret={made.token} onClose={onClose}>
        <p>
          A program sends it as <code>Authorization: Bearer …</code>. Whoever has it may do what it is for.
        </p>
      </OnceDialog>
    )
  }
  return (
    <FormDialog
      title="Make a key of the organisation"
      verb="Make the key"
      onClose={onClose}
      onSubmit={async (form) => {
        const name = fieldOf(form, 'name')
        const operations = operationsOf(form)
        const { createApiKey } = await change(createKeyDocument, {
          name,
          role: fieldOf(form, 'role'),
          tenant: fieldOf(form, 'tenant') || null,
          operations: operations ? [...operations] : null,
          expires_at: new Date(Date.now() + Number(form.get('days')) * DAY_MS).toISOString(),
        })
        setMade({ name, token: createApiKey.token })
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
          spellCheck={false}
          placeholder="siem-export"
        />
      </label>
      <div className="field">
        <span aria-hidden="true">Its role</span>
        <RoleSelect label="Its role" />
      </div>
      <TenantSelect tenants={tenants} />
      <ScopeField everything="all that the role may do" />
      <EndField />
    </FormDialog>
  )
}

function heading(keys: readonly Key[]): string {
  if (keys.length === 0) return 'No keys'
  const unused = keys.filter((key) => key.last_used_at === null).length
  const many = keys.length === 1 ? 'One key' : `${count(keys.length)} keys`
  return unused === 0
    ? `${many}, all in use`
    : `${many}, ${unused === keys.length ? 'never' : count(unused)} ${unused === keys.length ? 'used' : 'never used'}`
}
