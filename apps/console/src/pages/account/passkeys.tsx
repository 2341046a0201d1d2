import type { OwnAccount } from '@vedette/client/rest'
import { operations } from '@vedette/client/rest'
import { useState } from 'react'
import { doing, rest } from '../../api/api.ts'
import { FormDialog, OwnPassword } from '../../parts/form-dialog.tsx'
import { fieldOf, typedIn } from '../../parts/form.ts'
import { say } from '../../parts/toast.tsx'
import { canHavePasskeys, makePasskey } from '../../session/passkey.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'

type Passkey = OwnAccount['passkeys'][number]

/** The passkeys of who is signed in, as lines of what proves them. */
export function Passkeys({ passkeys }: { readonly passkeys: readonly Passkey[] }) {
  const [dialog, setDialog] = useState<Passkey | 'add'>()
  const able = canHavePasskeys()
  return (
    <>
      {passkeys.map((passkey) => (
        <li key={passkey.id}>
          <i className="dot ok" aria-hidden="true" />
          <b>Passkey</b>
          <span>
            <RawText text={passkey.name} />, for {passkey.host},{' '}
            {passkey.last_used === null ? (
              'never used'
            ) : (
              <>
                used <Ago at={passkey.last_used} long />
              </>
            )}
            {passkey.backed_up ? '; copied between your devices' : ''}
          </span>
          <button
            type="button"
            aria-label={`Remove the passkey ${passkey.name}`}
            onClick={() => setDialog(passkey)}
          >
            Remove…
          </button>
        </li>
      ))}
      <li>
        <i className={passkeys.length > 0 ? 'dot ok' : 'dot off'} aria-hidden="true" />
        <b>{passkeys.length > 0 ? 'One more passkey' : 'Passkeys'}</b>
        <span>
          {able
            ? 'A device that you unlock signs you in, without a password. It cannot be given to a false page.'
            : `They are bound to a host name. Open this page by its name, not as ${location.hostname}, to add one.`}
        </span>
        <button type="button" disabled={!able} onClick={() => setDialog('add')}>
          Add…
        </button>
      </li>
      {dialog === 'add' && (
        <FormDialog
          title="Add a passkey"
          verb="Ask the device"
          onClose={() => setDialog(undefined)}
          onSubmit={async (form) => {
            const name = fieldOf(form, 'name')
            await doing(() => makePasskey(name, typedIn(form, 'password')))
            say(`The passkey ${name} opens your account now`)
          }}
        >
          <p>Your browser asks which device keeps it: this one, your phone, or a security key.</p>
          <label className="field">
            What you call the device
            <input
              name="name"
              required
              maxLength={64}
              autoComplete="off"
              spellCheck={false}
              placeholder="laptop"
            />
          </label>
          <OwnPassword />
        </FormDialog>
      )}
      {dialog !== undefined && dialog !== 'add' && (
        <FormDialog
          title={`Remove the passkey ${dialog.name}`}
          verb="Remove it"
          danger
          onClose={() => setDialog(undefined)}
          onSubmit={async (form) => {
            await doing(() =>
              rest((to) =>
                operations.removePasskey(
                  { body: { id: dialog.id, password: typedIn(form, 'password') } },
                  to,
                ),
              ),
            )
            say(`The passkey ${dialog.name} opens nothing any more`)
          }}
        >
          <p>It opens this account no more. The device may still offer it: remove it there too.</p>
          <OwnPassword />
        </FormDialog>
      )}
    </>
  )
}
