import type { OwnAccount } from '@vedette/client/rest'
import { useState } from 'react'
import { account, doing } from '../../api/api.ts'
import { FormDialog, OwnPassword } from '../../parts/form-dialog.tsx'
import { fieldOf, typedIn } from '../../parts/form.ts'
import { say } from '../../parts/toast.tsx'
import { plural } from '../../text/numbers.ts'
import { Passkeys } from './passkeys.tsx'
import { SecondFactorDialog } from './second-factor-dialog.tsx'

/** What proves who one is. */
export function Proofs({ own }: { readonly own: OwnAccount }) {
  const [dialog, setDialog] = useState<'password' | 'second-factor' | 'second-factor-off'>()
  const close = () => setDialog(undefined)
  return (
    <section aria-labelledby="proofs">
      <h2 id="proofs">How you sign in</h2>
      {!own.has_password && (
        <p className="none">
          The identity provider of your organisation proves you; password and second factor are looked after
          there.
        </p>
      )}
      {own.has_password && (
        <ul className="proofs">
          <li>
            <i className="dot ok" aria-hidden="true" />
            <b>Password</b>
            <span>Another one ends all your other sessions.</span>
            <button type="button" onClick={() => setDialog('password')}>
              Change…
            </button>
          </li>
          <li>
            <i className={own.second_factor ? 'dot ok' : 'dot off'} aria-hidden="true" />
            <b>Authenticator app</b>
            <span>{oneTimeState(own)}</span>
            <button
              type="button"
              onClick={() => setDialog(own.second_factor ? 'second-factor-off' : 'second-factor')}
            >
              {own.second_factor ? 'Turn off…' : 'Set up…'}
            </button>
          </li>
          <Passkeys passkeys={own.passkeys} />
        </ul>
      )}
      {dialog === 'password' && <PasswordDialog onClose={close} />}
      {dialog === 'second-factor' && <SecondFactorDialog onClose={close} />}
      {dialog === 'second-factor-off' && <TurnOffDialog onClose={close} />}
    </section>
  )
}

function oneTimeState({ second_factor: factor }: OwnAccount): string {
  if (!factor) return 'Off. With it, signing in also asks for a code of your phone.'
  const left = factor.recovery_codes
  if (left === 0) return 'On, and no recovery code is left: turn it off and on again for new ones.'
  return `On. ${plural(left, 'recovery code')} ${left === 1 ? 'is' : 'are'} left.`
}

function PasswordDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <FormDialog
      title="Change your password"
      verb="Change the password"
      onClose={onClose}
      onSubmit={async (form) => {
        const typed = (name: string) => typedIn(form, name)
        if (typed('next') !== typed('again')) throw new Error('The two new passwords are not the same')
        const { sessions_ended: ended } = await doing(() =>
          account.setPassword(typed('password'), typed('next')),
        )
        say(
          ended === 0
            ? 'Your password is another one now'
            : `Your password is another one now; ${plural(ended, 'other session')} ended`,
        )
      }}
    >
      <p>You stay signed in here; everywhere else your sessions end.</p>
      <OwnPassword />
      <label className="field">
        New password
        <input
          type="password"
          name="next"
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={1000}
          aria-describedby="next-hint"
        />
      </label>
      <p className="hint" id="next-hint">
        At least 12 characters. A sentence is good.
      </p>
      <label className="field">
        The new password again
        <input type="password" name="again" autoComplete="new-password" required maxLength={1000} />
      </label>
    </FormDialog>
  )
}

function TurnOffDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <FormDialog
      title="Turn off the authenticator app"
      verb="Turn it off"
      danger
      onClose={onClose}
      onSubmit={async (form) => {
        await doing(() => account.removeSecondFactor(typedIn(form, 'password'), fieldOf(form, 'code')))
        say('The authenticator app is off')
      }}
    >
      <p>Signing in asks for no code any more, and the recovery codes are of no use.</p>
      <OwnPassword />
      <label className="field">
        A code of the app, or a recovery code
        <input
          className="mono"
          name="code"
          autoComplete="one-time-code"
          spellCheck={false}
          required
          maxLength={64}
        />
      </label>
    </FormDialog>
  )
}
