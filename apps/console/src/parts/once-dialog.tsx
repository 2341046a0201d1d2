import { type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'

/** Something secret that is shown once: a key, a first password, codes. It goes by a button, never by a press outside. */
export function OnceDialog({
  title,
  secret,
  onClose,
  children,
}: {
  readonly title: ReactNode
  readonly secret: string
  readonly onClose: () => void
  readonly children?: ReactNode
}) {
  const [copied, setCopied] = useState<'yes' | 'no'>()
  const copy = () => {
    // A page that came without TLS from elsewhere has no clipboard.
    const { clipboard } = navigator as { readonly clipboard?: Clipboard }
    if (!clipboard) return setCopied('no')
    clipboard.writeText(secret).then(
      () => setCopied('yes'),
      () => setCopied('no'),
    )
  }
  return (
    <Dialog title={title} onClose={() => undefined}>
      {children}
      <pre className="once">{secret}</pre>
      <p className="quiet" role="status">
        {copied === 'yes' && 'Copied.'}
        {copied === 'no' && 'This browser does not let the page copy: mark the text and copy it yourself.'}
        {copied === undefined && 'It is shown now and never again.'}
      </p>
      <div className="dialog-actions">
        <button type="button" onClick={copy}>
          Copy
        </button>
        <button type="button" className="primary" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  )
}
