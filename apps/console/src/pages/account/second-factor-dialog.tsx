import { useState } from 'react'
import { account, doing } from '../../api/api.ts'
import { FormDialog, OwnPassword } from '../../parts/form-dialog.tsx'
import { fieldOf, typedIn } from '../../parts/form.ts'
import { OnceDialog } from '../../parts/once-dialog.tsx'
import { say } from '../../parts/toast.tsx'
import { QrCode } from './qr-code.tsx'

/** Three steps: the password again, the picture and a code of it, the recovery codes. */
export function SecondFactorDialog({ onClose }: { readonly onClose: () => void }) {
  const [begun, setBegun] = useState<{ readonly secret: string; readonly uri: string }>()
  const [codes, setCodes] = useState<readonly string[]>()
  if (codes) {
    return (
      <OnceDialog
        title="Keep these recovery codes"
        secret={codes.join('\n')}
        onClose={() => {
          say('The authenticator app is on')
          onClose()
        }}
      >
        <p>When your phone is lost, each of them opens your account once in place of a code of the app.</p>
      </OnceDialog>
    )
  }
  if (begun) {
    return (
      <FormDialog
        key="code"
        title="Take the picture with your authenticator app"
        verb="Turn it on"
        onClose={onClose}
        onSubmit={async (form) => {
          const { recovery_codes: made } = await doing(() =>
            account.confirmSecondFactor(fieldOf(form, 'code')),
          )
          setCodes(made)
          return false
        }}
      >
        <div className="enrol">
          <QrCode text={begun.uri} label="What the app reads with the camera" />
          <div>
            <p>Without a camera, type this into the app:</p>
            <p>
              <code>{begun.secret.match(/.{1,4}/g)?.join(' ')}</code>
            </p>
            <label className="field">
              The six digits that it shows
              <input
                ref={focused}
                className="mono"
                name="code"
                inputMode="numeric"
                autoComplete="one-time-code"
                spellCheck={false}
                required
                maxLength={16}
              />
            </label>
          </div>
        </div>
      </FormDialog>
    )
  }
  return (
    <FormDialog
      key="password"
      title="Set up an authenticator app"
      verb="Go on"
      onClose={onClose}
      onSubmit={async (form) => {
        setBegun(await account.beginSecondFactor(typedIn(form, 'password')))
        return false
      }}
    >
      <p>An app on your phone, such as Aegis or a password manager, shows a new code every half minute.</p>
      <OwnPassword />
    </FormDialog>
  )
}

function focused(element: HTMLInputElement | null): void {
  element?.focus()
}
