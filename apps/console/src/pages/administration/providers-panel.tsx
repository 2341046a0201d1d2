import type { ResultOf } from '@vedette/client'
import { useState } from 'react'
import { change, refresh, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { fieldOf, typedIn } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Bar } from './bar.tsx'
import { providersDocument, removeProviderDocument, setProviderDocument } from './documents.ts'

type Provider = ResultOf<typeof providersDocument>['identity_providers'][number]
type Tenants = ResultOf<typeof providersDocument>['tenants']

/** Who proves people for the organisation. */
export function ProvidersPanel() {
  const { data, error } = useAnswer(providersDocument, {}, { live: false })
  const mayAct = useSession().may('Mutation.setIdentityProvider')
  const [edited, setEdited] = useState<Provider | 'new'>()
  const [removing, setRemoving] = useState<Provider>()
  useKeys(mayAct ? [{ keys: 'c', label: 'add an identity provider', run: () => setEdited('new') }] : [])
  const providers = data?.identity_providers
  const tenants = data?.tenants ?? []
  return (
    <>
      <div className="top">
        <h1>
          {providers && providers.length > 0
            ? `${plural(providers.length, 'identity provider proves', 'identity providers prove')} people`
            : 'Identity providers'}
        </h1>
      </div>
      <Bar show="providers">
        {mayAct && (
          <button type="button" onClick={() => setEdited('new')}>
            Add one… <Kbd keys="c" />
          </button>
        )}
      </Bar>
      {error && (
        <Failure
          what="The identity providers could not be read"
          error={error}
          onRetry={() => void refresh()}
        />
      )}
      {!providers && !error && <Loading what="identity providers" />}
      {providers?.length === 0 && (
        <Empty title="People have passwords here, and nobody else proves them">
          <p>
            An OpenID provider of yours can: it says who somebody is, and a claim says what they are here.
          </p>
        </Empty>
      )}
      {providers && providers.length > 0 && (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Name</th>
                <th>Issuer</th>
                <th>Client</th>
                <th>Secret</th>
                <th>What the claim makes of people</th>
                {mayAct && <th>Act</th>}
              </tr>
            </thead>
            <tbody>
              {providers.map((provider) => (
                <tr key={provider.id}>
                  <td className="name">
                    <RawText text={provider.name} />
                  </td>
                  <td className="clip where">
                    <RawText text={provider.issuer} />
                  </td>
                  <td className="quiet">
                    <RawText text={provider.client_id} />
                  </td>
                  <td className="quiet">{provider.has_secret ? 'kept' : 'none, PKCE alone'}</td>
                  <td className="clip" title={linesOf(provider, tenants)}>
                    <code>
                      {provider.role_claim}: {linesOf(provider, tenants).replaceAll('\n', ', ')}
                    </code>
                  </td>
                  {mayAct && (
                    <td className="act-cell">
                      <button
                        type="button"
                        aria-label={`Edit ${provider.name}`}
                        onClick={() => setEdited(provider)}
                      >
                        Edit…
                      </button>{' '}
                      <button
                        type="button"
                        aria-label={`Remove ${provider.name}`}
                        onClick={() => setRemoving(provider)}
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
        <ProviderDialog
          provider={edited === 'new' ? undefined : edited}
          tenants={tenants}
          onClose={() => setEdited(undefined)}
        />
      )}
      {removing && (
        <FormDialog
          title={`Remove ${removing.name}`}
          verb="Remove it"
          danger
          onClose={() => setRemoving(undefined)}
          onSubmit={async () => {
            await change(removeProviderDocument, { name: removing.name })
            say(`${removing.name} proves nobody any more`)
          }}
        >
          <p>
            Who came through it cannot sign in any more. Their accounts stay, and so do sessions that are open
            now.
          </p>
        </FormDialog>
      )}
    </>
  )
}

function ProviderDialog({
  provider,
  tenants,
  onClose,
}: {
  readonly provider: Provider | undefined
  readonly tenants: Tenants
  readonly onClose: () => void
}) {
  return (
    <FormDialog
      title={provider ? `The identity provider ${provider.name}` : 'Add an identity provider'}
      verb={provider ? 'Change it' : 'Add it'}
      wide
      onClose={onClose}
      onSubmit={async (form) => {
        const name = provider?.name ?? fieldOf(form, 'name')
        await change(setProviderDocument, {
          name,
          issuer: fieldOf(form, 'issuer'),
          client_id: fieldOf(form, 'client_id'),
          client_secret: typedIn(form, 'client_secret') || null,
          role_claim: fieldOf(form, 'role_claim'),
          roles: rolesIn(typedIn(form, 'roles')),
        })
        say(`${name} proves people now`)
      }}
    >
      <p>
        Register <code>{location.origin}/auth/provider/callback</code> there as the address to send people
        back to.
      </p>
      {!provider && (
        <label className="field">
          Name, as it stands on the sign-in page
          <input name="name" required maxLength={64} autoComplete="off" spellCheck={false} />
        </label>
      )}
      <label className="field">
        Issuer
        <input
          name="issuer"
          type="url"
          required
          maxLength={500}
          placeholder="https://idp.example.org"
          defaultValue={provider?.issuer ?? ''}
        />
      </label>
      <label className="field">
        Client id
        <input
          name="client_id"
          required
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          defaultValue={provider?.client_id ?? ''}
        />
      </label>
      <label className="field">
        Client secret
        <input
          name="client_secret"
          type="password"
          maxLength={1000}
          autoComplete="off"
          placeholder={provider?.has_secret === true ? 'the one that is kept stays' : 'none: PKCE alone'}
        />
      </label>
      <label className="field">
        Claim that says what somebody is
        <input name="role_claim" required maxLength={100} defaultValue={provider?.role_claim ?? 'groups'} />
      </label>
      <label className="field">
        What its values make of them, one a line
        <textarea
          className="mono"
          name="roles"
          rows={5}
          required
          spellCheck={false}
          placeholder={'soc = analyst\nsoc-lead = admin @ harbour'}
          defaultValue={provider ? linesOf(provider, tenants) : ''}
        />
      </label>
      <p className="hint">The first line that matches in each tenant counts. Who has none is not let in.</p>
    </FormDialog>
  )
}

/** `soc = analyst @ harbour`, a line each; the tenant where it is not the first. */
function linesOf({ roles }: Provider, tenants: Tenants): string {
  const [first] = tenants
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  return roles
    .map(({ value, role, tenant }) =>
      tenant === first?.id ? `${value} = ${role}` : `${value} = ${role} @ ${names.get(tenant) ?? tenant}`,
    )
    .join('\n')
}

function rolesIn(text: string): { value: string; role: string; tenant: string | null }[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, value, role, tenant] =
        /^\s*(.+?)\s*=\s*([a-z][a-z0-9-]*)\s*(?:@\s*(.+?)\s*)?$/.exec(line) ?? []
      if (value === undefined || role === undefined) {
        throw new Error(`Cannot read the line "${line.trim()}": write value = role, or value = role @ tenant`)
      }
      return { value, role, tenant: tenant ?? null }
    })
}
