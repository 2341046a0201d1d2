import type { ResultOf } from '@vedette/client'
import { type FormEvent, useState } from 'react'
import { change } from '../../api/api.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { count } from '../../text/numbers.ts'
import { visibleText } from '../../text/hidden.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { allowDocument, type allowedDocument, disallowDocument } from './documents.ts'
import { faultOf, fieldOf } from '../../parts/form.ts'

type Entry = ResultOf<typeof allowedDocument>['allow_entries'][number]

/** What raises no alert: with who answers for it, why, until when, and how often it held. */
export function AllowTable({
  entries,
  mayAct,
}: {
  readonly entries: readonly Entry[]
  readonly mayAct: boolean
}) {
  const remove = async (id: string) => {
    try {
      await change(disallowDocument, { id })
      say('Allowed no more. In force.')
    } catch (failure) {
      say(reasonOf(faultOf(failure)), { bad: true })
    }
  }
  return (
    <div className="table-scroll">
      <table className="data">
        <thead>
          <tr>
            <th>Value</th>
            <th>Type</th>
            <th>Owner</th>
            <th>Reason</th>
            <th>Ends</th>
            <th className="number">Held</th>
            <th className="number">Last</th>
            {mayAct && <th>Act</th>}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className="name clip" title={visibleText(entry.value)}>
                <RawText text={entry.value} />
              </td>
              <td className="quiet">{entry.type}</td>
              <td>
                <RawText text={entry.owner} />
              </td>
              <td>
                <RawText text={entry.reason} />
              </td>
              <td className="quiet">{entry.expires_at === null ? 'never' : entry.expires_at.slice(0, 10)}</td>
              <td className="number">{count(entry.hits)}</td>
              <td className="number quiet">
                {entry.last_hit === null ? 'never' : <Ago at={entry.last_hit} />}
              </td>
              {mayAct && (
                <td>
                  <button type="button" onClick={() => void remove(entry.id)}>
                    Remove
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

/** Asks what to allow, why, and for how long. */
export function AllowDialog({ onClose }: { readonly onClose: () => void }) {
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const allow = async (form: FormData) => {
    setBusy(true)
    setError(undefined)
    try {
      const days = Number(form.get('days'))
      await change(allowDocument, {
        value: fieldOf(form, 'value'),
        reason: fieldOf(form, 'reason'),
        expires_at: days > 0 ? new Date(Date.now() + days * 86_400_000).toISOString() : null,
      })
      say('Allowed. In force.')
      onClose()
    } catch (failure) {
      setError(faultOf(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog title="Allow something" onClose={onClose}>
      <form
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault()
          if (!busy) void allow(new FormData(event.currentTarget))
        }}
      >
        <label className="field">
          An address, range, domain, URL, hash or path
          <input name="value" required maxLength={1800} />
        </label>
        <label className="field">
          Why it is honest
          <input name="reason" required maxLength={2000} />
        </label>
        <label className="field">
          For how long
          <select name="days" defaultValue="30">
            <option value="7">7 days</option>
            <option value="30">30 days</option>
            <option value="365">A year</option>
            <option value="0">Without an end</option>
          </select>
        </label>
        {error && (
          <p className="problem" role="alert">
            {reasonOf(error)}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel <Kbd keys="Escape" />
          </button>
          <button type="submit" className="primary" aria-busy={busy}>
            Allow
          </button>
        </div>
      </form>
    </Dialog>
  )
}
