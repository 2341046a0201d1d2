import type { ResultOf } from '@vedette/client'
import { type FormEvent, useEffect, useState } from 'react'
import { ask, change } from '../../api/api.ts'
import type { AlertRow } from '../../api/documents.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { SeverityMark } from '../../parts/severity.tsx'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { useSession } from '../../session/session.tsx'
import { visibleText } from '../../text/hidden.ts'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { createExceptionDocument, exceptionPreviewDocument } from '../rules/documents.ts'
import { verdictWords } from './alert-line.tsx'
import { faultOf, fieldOf } from '../../parts/form.ts'

type Preview = NonNullable<ResultOf<typeof exceptionPreviewDocument>['exception_preview']>
type Effect = Preview['effect']

/** A field as the person has it now. */
interface Choice {
  readonly name: string
  readonly value: string
  readonly seen: string
  readonly chosen: boolean
}

const LENGTHS: readonly [days: number, words: string][] = [
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
  [365, 'A year'],
  [0, 'Without an end'],
]
/** Typing settles before the server is asked again. */
const SETTLE_MS = 400

/** Shows what an exception from the alert's rule would have hidden, and puts it in force when the person says so. */
export function ExceptionDialog({
  alert,
  onClose,
}: {
  readonly alert: Pick<AlertRow, 'id' | 'title'>
  readonly onClose: () => void
}) {
  const { user } = useSession()
  const [choices, setChoices] = useState<readonly Choice[]>()
  const [preview, setPreview] = useState<Preview>()
  const [error, setError] = useState<Error>()
  const [answered, setAnswered] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [force, setForce] = useState(false)
  const fields = choices && asked(choices)
  const key = fields === undefined ? '' : JSON.stringify(fields)
  const none = fields?.length === 0
  const asking = !none && answered !== key

  useEffect(() => {
    if (none || answered === key) return undefined
    let current = true
    const wanted: string[] | null = key === '' ? null : (JSON.parse(key) as string[])
    const timer = setTimeout(
      () => {
        ask(exceptionPreviewDocument, { alert_id: alert.id, fields: wanted }).then(
          ({ exception_preview: answer }) => {
            if (!current) return
            setError(undefined)
            setPreview(answer)
            setAnswered(key === '' ? JSON.stringify(asked(answer.fields)) : key)
            if (key === '') setChoices(answer.fields)
          },
          (failure: unknown) => {
            if (!current) return
            setAnswered(key)
            setPreview(undefined)
            setError(faultOf(failure))
          },
        )
      },
      key === '' ? 0 : SETTLE_MS,
    )
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [alert.id, key, none, answered])

  const effect = none ? undefined : preview?.effect
  const worst = (effect?.true_positives ?? 0) > 0
  const ready = effect !== undefined && !asking && (!worst || force)

  const make = async (form: FormData) => {
    setBusy(true)
    try {
      const days = Number(form.get('days'))
      await change(createExceptionDocument, {
        alert_id: alert.id,
        fields: fields ?? null,
        owner: fieldOf(form, 'owner') || null,
        reason: fieldOf(form, 'reason'),
        expires_at: days > 0 ? new Date(Date.now() + days * 86_400_000).toISOString() : null,
        force: worst && force,
      })
      say('The exception is in force. Rules › Exceptions takes it back.')
      onClose()
    } catch (failure) {
      setError(faultOf(failure))
      setBusy(false)
    }
  }
  const edit = (name: string, values: Partial<Choice>) =>
    setChoices(choices?.map((one) => (one.name === name ? { ...one, ...values } : one)))

  return (
    <Dialog wide title="Make an exception" onClose={onClose}>
      <form
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault()
          if (!busy && ready) void make(new FormData(event.currentTarget))
        }}
      >
        {preview && (
          <p className="quiet">
            The rule{' '}
            <b>
              <RawText text={preview.filtered_title} />
            </b>{' '}
            leaves alone what has all of this
            {preview.filtered_id !== preview.rule.id && ', and so does what counts it'}. <code>*</code> and{' '}
            <code>?</code> stand for anything.
          </p>
        )}
        {choices && (
          <fieldset className="exception-choices">
            <legend className="visually-hidden">Fields that tell the case apart</legend>
            {choices.map((one) => (
              <div key={one.name}>
                <label className="check">
                  <input
                    type="checkbox"
                    checked={one.chosen}
                    onChange={(event) => edit(one.name, { chosen: event.target.checked })}
                  />
                  {one.name}
                </label>
                <input
                  className="mono"
                  aria-label={`${one.name} has to be`}
                  value={one.value}
                  disabled={!one.chosen}
                  maxLength={1500}
                  spellCheck={false}
                  title={visibleText(one.seen)}
                  onChange={(event) => edit(one.name, { value: event.target.value })}
                />
              </div>
            ))}
          </fieldset>
        )}
        <section aria-live="polite" aria-busy={asking} className="preview">
          {effect && <Hidden effect={effect} />}
          {none && (
            <p className="problem" role="alert">
              Choose at least one field: without any, the rule would be silent about everything.
            </p>
          )}
          {!effect && !error && !none && <p className="loading">Looking what it would have hidden…</p>}
          {error && !none && (
            <p className="problem" role="alert">
              {reasonOf(error)}
            </p>
          )}
        </section>
        {worst && (
          <label className="check problem">
            <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
            Make it all the same: I know that it would have hidden{' '}
            {plural(effect?.true_positives ?? 0, 'true positive')}
          </label>
        )}
        <div className="exception-facts">
          <label className="field">
            Why
            <input name="reason" required maxLength={2000} />
          </label>
          <label className="field">
            Who answers for it
            <input name="owner" defaultValue={user.name} maxLength={200} />
          </label>
          <label className="field">
            For how long
            <select name="days" defaultValue="30">
              {LENGTHS.map(([days, words]) => (
                <option key={days} value={days}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        </div>
        <div className="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel <Kbd keys="Escape" />
          </button>
          <button type="submit" className="primary" disabled={!ready} aria-busy={busy}>
            Put in force
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** The chosen fields in the words of the API. */
function asked(choices: readonly Choice[]): string[] {
  return choices.filter(({ chosen }) => chosen).map(({ name, value }) => `${name}=${value}`)
}

function Hidden({ effect }: { readonly effect: Effect }) {
  const { alerts, hidden, since, examples } = effect
  return (
    <>
      <h3>
        It would have hidden {count(hidden)} of {plural(alerts, 'alert')} of this rule
        {since !== null && (
          <>
            {' '}
            since <Ago at={since} long />
          </>
        )}
      </h3>
      <p>{partsOf(effect)}</p>
      {examples.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
        <div className="affected" tabIndex={0} role="region" aria-label="Alerts that it would have hidden">
          <table>
            <thead>
              <tr>
                <th>Alert</th>
                <th>Was</th>
                <th>Host</th>
                <th className="number">When</th>
              </tr>
            </thead>
            <tbody>
              {examples.map(({ id, title, status, verdict, host, time, count: times }) => (
                <tr key={id}>
                  <td>
                    <RawText text={title} />
                    {times > 1 && <span className="quiet"> ×{count(times)}</span>}
                  </td>
                  <td>
                    {verdict === 'true_positive' ? (
                      <span className="real">
                        <SeverityMark severity="critical" /> Real
                      </span>
                    ) : verdict === null ? (
                      status
                    ) : (
                      verdictWords[verdict]
                    )}
                  </td>
                  <td>
                    <RawText text={host} />
                  </td>
                  <td className="number">
                    <Ago at={time} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

function partsOf(effect: Effect): string {
  const parts = [
    [effect.true_positives, 'real'],
    [effect.acknowledged, 'acknowledged'],
    [effect.open, 'open'],
    [effect.benign, 'harmless'],
    [effect.false_positives, 'false alarms'],
    [effect.unjudged, 'resolved without a verdict'],
  ] as const
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`)
  const partly = effect.partly > 0 ? `; of ${count(effect.partly)} more a part of what they count` : ''
  const cut = effect.cut ? '. Older alerts were not looked at' : ''
  return `${told.length === 0 ? 'None of them is open or judged' : told.join(', ')}${partly}${cut}.`
}
