import { useEffect, useState } from 'react'
import { connection, useConnection } from '../api/connection.ts'
import { usePreferences } from '../preferences.ts'
import { clock } from '../time/format.ts'

/** A short gap is nobody's business. */
const PATIENCE_MS = 2500

/** Says calmly that nothing new arrives, since when, and that the page is trying. */
export function ConnectionNotice() {
  const state = useConnection()
  const { utc } = usePreferences()
  const [noticed, setNoticed] = useState<number>()
  const since = connection.since()
  useEffect(() => {
    if (state !== 'lost') return undefined
    const timer = setTimeout(() => setNoticed(since), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [state, since])
  const shown = state === 'lost' && noticed === since
  return (
    <div role="status">
      {shown && (
        <p className="notice">
          <b>No connection to the server since {clock(since, utc, 'seconds')}.</b> What you see is as it was
          then. The hosts go on watching and keep what they see; this page is trying again.
        </p>
      )}
    </div>
  )
}
