import { useState } from 'react'
import { account, doing } from '../../api/api.ts'
import { FormDialog, OwnPassword } from '../../parts/form-dialog.tsx'
import { fieldOf, typedIn } from '../../parts/form.ts'
import { OnceDialog } from '../../parts/once-dialog.tsx'
import { EndField } from '../../parts/end-field.tsx'
import { operationsOf, ScopeField } from '../../parts/scope-field.tsx'

/** Asks what a key is for and how long, then shows its text once. */
export function NewKeyDialog({ onClose }: { readonly onClose: () => void }) {
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
      title="Make a key"
      verb="Make the key"
      onClose={onClose}
      onSubmit={async (form) => {
        const operations = operationsOf(form)
        const name = fieldOf(form, 'name')
        const { token } = await doing(() =>
          account.createKey({
            name,
            days: Number(form.get('days')),
            password: typedIn(form, 'password'),
            ...(operations && { operations }),
          }),
        )
        setMade({ name, token })
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
          placeholder="nightly-report"
        />
      </label>
      <ScopeField everything="all that you may do" />
      <EndField />
      <OwnPassword />
    </FormDialog>
  )
}
