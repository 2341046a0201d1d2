import { type FormEvent, type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { faultOf } from './form.ts'
import { Kbd } from './kbd.tsx'
import { reasonOf } from './state.tsx'

/**
 * A dialog that does one thing: its fields, a button that names what will happen, and why it failed where it did. `onSubmit`
 * closes it by resolving, unless it resolves to false.
 */
export function FormDialog({
  title,
  verb,
  danger = false,
  wide = false,
  onClose,
  onSubmit,
  children,
}: {
  readonly title: ReactNode
  readonly verb: string
  readonly danger?: boolean
  readonly wide?: boolean
  readonly onClose: () => void
  readonly onSubmit: (form: FormData) => Promise<unknown>
  readonly children?: ReactNode
}) {
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const submit = async (form: FormData) => {
    setBusy(true)
    setError(undefined)
    try {
      if ((await onSubmit(form)) !== false) onClose()
    } catch (failure) {
      setError(faultOf(failure))
    }
    setBusy(false)
  }
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault()
          if (!busy) void submit(new FormData(event.currentTarget))
        }}
      >
        {children}
        {error && (
          <p className="problem" role="alert">
            {reasonOf(error)}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel <Kbd keys="Escape" />
          </button>
          <button type="submit" className={danger ? 'danger' : 'primary'} aria-busy={busy}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** The field that asks again for the password of who is signed in. */
export function OwnPassword() {
  return (
    <label className="field">
      Your password
      <input type="password" name="password" autoComplete="current-password" required maxLength={1000} />
    </label>
  )
}
