import { useEffect, useState } from 'react'
import { change } from '../../api/api.ts'
import { type AlertRow, executeDocument, previewDocument, type Response } from '../../api/documents.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { visibleText } from '../../text/hidden.ts'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { startTicksOf } from './process-uid.ts'
import { faultOf } from '../../parts/form.ts'

const LEASES: readonly [number, string][] = [
  [600, '10 minutes'],
  [3600, '1 hour'],
  [14_400, '4 hours'],
  [86_400, '24 hours'],
]

type Action = 'freeze' | 'kill'

/** Shows what an action would touch, and does it when the person says so. */
export function RespondDialog({
  alert,
  action: asked = 'freeze',
  onClose,
}: {
  readonly alert: Pick<AlertRow, 'id' | 'title' | 'host' | 'host_id' | 'process'>
  readonly action?: Action
  readonly onClose: () => void
}) {
  const [action, setAction] = useState<Action>(asked)
  const [tree, setTree] = useState(true)
  const [lease, setLease] = useState(600)
  const [reason, setReason] = useState('')
  const [preview, setPreview] = useState<Response>()
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const { process, host_id: host, id: alertId, title } = alert
  const ticks = process ? startTicksOf(process.uid) : undefined

  const input = {
    action,
    host,
    pid: process?.pid ?? 0,
    ...(ticks !== undefined && { start_ticks: ticks }),
    tree,
    lease_seconds: lease,
    reason: reason.trim() === '' ? title.slice(0, 500) : reason.trim(),
    alert_id: alertId,
  }

  useEffect(() => {
    let current = true
    setError(undefined)
    change(previewDocument, { input }, { quiet: true }).then(
      ({ previewResponse }) => {
        if (current) setPreview(previewResponse)
      },
      (failure: unknown) => {
        if (!current) return
        setPreview(undefined)
        setError(faultOf(failure))
      },
    )
    return () => {
      current = false
    }
    // oxlint-disable-next-line react/exhaustive-deps -- lease and reason change nothing of what is touched
  }, [action, tree, host, process?.uid])

  const touched = preview?.affected.filter(({ protected_because: because }) => because === null) ?? []
  const spared = preview?.affected.filter(({ protected_because: because }) => because !== null) ?? []
  const leaseWords = LEASES.find(([seconds]) => seconds === lease)?.[1] ?? ''
  const verb = action === 'freeze' ? 'Freeze' : 'Kill'

  const execute = async () => {
    if (busy) return
    setBusy(true)
    setError(undefined)
    try {
      const { executeResponse: done } = await change(executeDocument, { input })
      say(visibleText(done.summary), { bad: done.outcome !== 'done' })
      if (done.outcome === 'done') onClose()
      else {
        setPreview(done)
        setError(new Error(done.summary))
      }
    } catch (failure) {
      setError(faultOf(failure))
    }
    setBusy(false)
  }

  return (
    <Dialog
      wide
      title={
        <>
          Respond on <RawText text={alert.host} />
        </>
      }
      onClose={onClose}
    >
      <div className="respond-options">
        <fieldset className="segments">
          <legend className="visually-hidden">Action</legend>
          {(['freeze', 'kill'] as const).map((name) => (
            <label key={name} className={action === name ? 'on' : undefined}>
              <input
                type="radio"
                name="action"
                value={name}
                checked={action === name}
                onChange={() => setAction(name)}
              />
              {name === 'freeze' ? 'Freeze' : 'Kill'}
            </label>
          ))}
        </fieldset>
        <label className="check">
          <input type="checkbox" checked={tree} onChange={(event) => setTree(event.target.checked)} />
          with everything that it started
        </label>
        {action === 'freeze' && (
          <label className="check">
            for
            <select value={lease} onChange={(event) => setLease(Number(event.target.value))}>
              {LEASES.map(([seconds, words]) => (
                <option key={seconds} value={seconds}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p className="quiet">
        {action === 'freeze'
          ? 'Frozen processes stand still and lose nothing. They go on by themselves when the time is over, or when you thaw them.'
          : 'Killed processes are gone, with what they had in memory. This cannot be undone: freeze first if you want evidence.'}
      </p>
      <section aria-live="polite" aria-busy={!preview && !error} className="preview">
        {preview ? (
          <>
            <h3>
              {touched.length === 0
                ? 'Nothing would be touched'
                : `${plural(touched.length, 'process', 'processes')} would be ${action === 'freeze' ? 'frozen' : 'killed'}`}
              {spared.length > 0 && `, ${spared.length} left alone`}
            </h3>
            {preview.outcome === 'refused' && (
              <p className="problem">
                <RawText text={preview.summary} />
              </p>
            )}
            <Affected processes={[...touched, ...spared]} />
          </>
        ) : (
          !error && <p className="loading">Asking {visibleText(alert.host)} what it would touch…</p>
        )}
      </section>
      <label className="field">
        Why, for the audit log
        <input
          value={reason}
          placeholder={visibleText(title)}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      {error && (
        <p className="problem" role="alert">
          {reasonOf(error)} Nothing was done.
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          Do nothing <Kbd keys="Escape" />
        </button>
        <button
          type="button"
          className={action === 'kill' ? 'danger' : 'primary'}
          disabled={touched.length === 0 || busy}
          aria-busy={busy}
          onClick={() => void execute()}
        >
          {touched.length === 0
            ? verb
            : `${verb} ${plural(touched.length, 'process', 'processes')}${action === 'freeze' ? ` for ${leaseWords}` : ''}`}
        </button>
      </div>
    </Dialog>
  )
}

/** The processes that an action touches or would touch, and why it leaves some alone. */
export function Affected({ processes }: { readonly processes: Response['affected'] }) {
  if (processes.length === 0) return null
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
    <div className="affected" tabIndex={0} role="region" aria-label="Processes">
      <table>
        <thead>
          <tr>
            <th>Process</th>
            <th>User</th>
            <th className="number">pid</th>
          </tr>
        </thead>
        <tbody>
          {processes.map((process) => (
            <tr key={process.uid} className={process.protected_because === null ? undefined : 'spared'}>
              <td>
                <strong>
                  <RawText text={process.name} />
                </strong>{' '}
                <code>
                  <RawText text={process.cmd_line} />
                </code>
                {process.protected_because !== null && (
                  <em>
                    left alone: <RawText text={process.protected_because} />
                  </em>
                )}
              </td>
              <td>
                <RawText text={process.user} />
              </td>
              <td className="number">{process.pid}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
