import type { Verdict } from '@vedette/model'
import { useState } from 'react'
import type { AlertRow } from '../../api/documents.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { resolve } from './act.ts'

const CHOICES: readonly { verdict: Verdict; key: string; label: string; text: string }[] = [
  {
    verdict: 'true_positive',
    key: '1',
    label: 'Real',
    text: 'Somebody did what the rule looks for, and should not have.',
  },
  {
    verdict: 'benign',
    key: '2',
    label: 'Harmless',
    text: 'It happened as described, and it was allowed: a test, an admin at work.',
  },
  {
    verdict: 'false_positive',
    key: '3',
    label: 'False alarm',
    text: 'The rule is wrong: what it says did not happen.',
  },
]

/** Asks what it was; the answer is kept with the alert and tells which rules to mend. */
export function VerdictDialog({
  alerts,
  onClose,
  onDone,
}: {
  readonly alerts: readonly Pick<AlertRow, 'id' | 'status' | 'verdict' | 'title'>[]
  readonly onClose: () => void
  readonly onDone: () => void
}) {
  const [busy, setBusy] = useState(false)
  const choose = (verdict: Verdict) => {
    if (busy) return
    setBusy(true)
    void resolve(alerts, verdict)
    onDone()
  }
  const [first] = alerts
  return (
    <Dialog
      title={alerts.length === 1 ? 'What was it?' : `What were these ${plural(alerts.length, 'alert')}?`}
      onClose={onClose}
    >
      {alerts.length === 1 && first && (
        <p className="quiet">
          <RawText text={first.title} />
        </p>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the buttons in it have the focus */}
      <div
        className="choices"
        onKeyDown={(event) => {
          const choice = CHOICES.find(({ key }) => key === event.key)
          if (choice) choose(choice.verdict)
        }}
      >
        {CHOICES.map(({ verdict, key, label, text }) => (
          <button key={verdict} type="button" onClick={() => choose(verdict)}>
            <span>
              <b>{label}</b>
              {text}
            </span>
            <Kbd keys={key} />
          </button>
        ))}
      </div>
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          Not now <Kbd keys="Escape" />
        </button>
      </div>
    </Dialog>
  )
}
