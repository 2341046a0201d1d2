import { type FormEvent, useState } from 'react'
import { refresh } from '../../api/api.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { type ImportAnswer, importIndicators, type ImportRequest } from './import.ts'
import { faultOf } from '../../parts/form.ts'

const SHOWN = 8

/** Takes a file of indicators: first what would be, then the import itself. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const [request, setRequest] = useState<ImportRequest>()
  const [preview, setPreview] = useState<ImportAnswer>()
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)

  const send = async (next: ImportRequest) => {
    setBusy(true)
    setError(undefined)
    try {
      const answer = await importIndicators(next)
      if (next.dry_run) {
        setRequest(next)
        setPreview(answer)
      } else {
        say(`${plural(answer.added, 'indicator')} added, ${count(answer.removed)} taken away. In force.`)
        void refresh()
        onClose()
      }
    } catch (failure) {
      setError(faultOf(failure))
    } finally {
      setBusy(false)
    }
  }
  const look = async (form: FormData) => {
    const file = form.get('file')
    if (!(file instanceof File)) return
    const source = form.get('source')
    await send({
      content: await file.text(),
      source: typeof source === 'string' && source.trim() !== '' ? source.trim() : file.name.slice(0, 100),
      mode: form.get('replace') === null ? 'add' : 'replace',
      dry_run: true,
      leave_out_suspects: form.get('suspects') === null,
    })
  }
  return (
    <Dialog title="Import indicators" onClose={onClose} wide>
      <form
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault()
          if (busy) return
          if (preview && request) void send({ ...request, dry_run: false })
          else void look(new FormData(event.currentTarget))
        }}
        onChange={() => setPreview(undefined)}
      >
        <label className="field">
          A file: JSON, text, CSV, STIX 2.1 or MISP
          <input type="file" name="file" required />
        </label>
        <label className="field">
          Who says so
          <input name="source" maxLength={100} placeholder="the name of the file" />
        </label>
        <div className="checks">
          <label className="check">
            <input type="checkbox" name="replace" /> Take away what this source said before and says no more
          </label>
          <label className="check">
            <input type="checkbox" name="suspects" /> Also take private addresses and names that honest
            machines use
          </label>
        </div>
        {preview && <Preview answer={preview} />}
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
            {preview ? `Import ${count(preview.valid)}` : 'Look first'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Preview({ answer }: { readonly answer: ImportAnswer }) {
  const { unit } = answer
  return (
    <section aria-label="What would be">
      <p>
        <strong>
          {plural(answer.valid, 'indicator')} in {plural(answer.read, unit)}
        </strong>{' '}
        of {answer.format}: {count(answer.added)} would be added, {count(answer.changed)} changed,{' '}
        {count(answer.removed)} taken away; {count(answer.duplicate_count)} stand there twice.
      </p>
      {answer.malformed_count > 0 && (
        <Found
          title={`${plural(answer.malformed_count, 'malformed one', 'malformed ones')}, not taken`}
          rows={answer.malformed.map(({ place, reason, text }) => ({ place, reason, text }))}
          unit={unit}
        />
      )}
      {answer.suspect_count > 0 && (
        <Found
          title={`${count(answer.suspect_count)} would raise alerts about honest machines`}
          rows={answer.suspects.map(({ place, reason, value }) => ({ place, reason, text: value }))}
          unit={unit}
        />
      )}
    </section>
  )
}

interface FoundRow {
  readonly place: number
  readonly reason: string
  readonly text: string
}

function Found({
  title,
  rows,
  unit,
}: {
  readonly title: string
  readonly rows: readonly FoundRow[]
  readonly unit: string
}) {
  return (
    <>
      <h3>{title}</h3>
      <table className="data">
        <tbody>
          {rows.slice(0, SHOWN).map(({ place, reason, text }) => (
            <tr key={place}>
              <td className="quiet">
                {unit} {count(place)}
              </td>
              <td>{reason}</td>
              <td>
                <RawText text={text} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN && <p className="quiet">and {count(rows.length - SHOWN)} more</p>}
    </>
  )
}
