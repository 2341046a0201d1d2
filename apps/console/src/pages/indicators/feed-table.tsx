import type { ResultOf } from '@vedette/client'
import { useState } from 'react'
import { change } from '../../api/api.ts'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { count } from '../../text/numbers.ts'
import { visibleText } from '../../text/hidden.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { type feedsDocument, refreshFeedDocument, rollbackFeedDocument } from './documents.ts'
import { faultOf } from '../../parts/form.ts'

type Feed = ResultOf<typeof feedsDocument>['feeds'][number]

/** Every feed, how it is, and what a person may do about it. */
export function FeedTable({ feeds, mayAct }: { readonly feeds: readonly Feed[]; readonly mayAct: boolean }) {
  return (
    <div className="table-scroll">
      <table className="data">
        <thead>
          <tr>
            <th>Feed</th>
            <th>State</th>
            <th className="number">Indicators</th>
            <th className="number">Not taken</th>
            <th className="number">Asked</th>
            <th className="number">Changed</th>
            <th>Where</th>
            {mayAct && <th>Act</th>}
          </tr>
        </thead>
        <tbody>
          {feeds.map((feed) => (
            <tr key={feed.name}>
              <td className="name">{feed.name}</td>
              <td className={feed.error_message === null ? undefined : 'bad'}>
                {feed.error_message === null ? stateOf(feed) : <RawText text={feed.error_message} />}
              </td>
              <td className="number">{count(feed.indicators)}</td>
              <td className="number quiet">{count(feed.malformed + feed.left_out)}</td>
              <td className="number quiet">{feed.checked_at ? <Ago at={feed.checked_at} /> : 'not yet'}</td>
              <td className="number quiet">{feed.changed_at ? <Ago at={feed.changed_at} /> : 'not yet'}</td>
              <td className="quiet clip where" title={visibleText(feed.url)}>
                <RawText text={feed.url} />
              </td>
              {mayAct && (
                <td className="act-cell">
                  <FeedActions feed={feed} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function stateOf({
  enabled,
  checked_at: checked,
  is_signed: isSigned,
  interval_minutes: minutes,
}: Feed): string {
  if (!enabled) return 'off'
  if (checked === null) return 'not asked yet'
  return `good, every ${count(minutes)} min${isSigned ? ', signed' : ''}`
}

function FeedActions({ feed: { name, version, versions } }: { readonly feed: Feed }) {
  const [busy, setBusy] = useState(false)
  const act = async (work: () => Promise<string>) => {
    setBusy(true)
    try {
      say(await work())
    } catch (failure) {
      say(reasonOf(faultOf(failure)), { bad: true })
    } finally {
      setBusy(false)
    }
  }
  const earlier = versions.some(({ number }) => version !== null && number < version)
  return (
    <>
      <button
        type="button"
        disabled={busy}
        onClick={() =>
          void act(async () => {
            const { refreshFeed } = await change(refreshFeedDocument, { name })
            return refreshFeed.error_message ?? `${name} tells ${count(refreshFeed.indicators)} indicators`
          })
        }
      >
        Ask now
      </button>{' '}
      {earlier && (
        <button
          type="button"
          disabled={busy}
          onClick={() =>
            void act(async () => {
              const { rollbackFeed } = await change(rollbackFeedDocument, { name })
              return `${name} is back at version ${rollbackFeed.version ?? ''}`
            })
          }
        >
          Put back
        </button>
      )}
    </>
  )
}
