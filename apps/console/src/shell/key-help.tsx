import { useState } from 'react'
import { keyboard } from '../keys/use-keys.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { prefer, usePreferences } from '../preferences.ts'

/** All keys that work on this page now. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  const { keys } = usePreferences()
  const [bindings] = useState(() => keyboard.bindings().filter(({ label }) => label !== undefined))
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="key-list">
        {bindings.map((binding) => (
          <div key={binding.keys}>
            <dt>
              <Kbd keys={binding.keys} />
            </dt>
            <dd>{binding.label}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={keys} onChange={(event) => prefer({ keys: event.target.checked })} />
        Keys of one letter are on. Turn them off if you dictate or if they get in your way. <Kbd keys="?" />{' '}
        always opens this list.
      </label>
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          Close <Kbd keys="Escape" />
        </button>
      </div>
    </Dialog>
  )
}
