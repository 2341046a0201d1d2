import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { refresh, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { Find } from '../../parts/find.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { count, plural } from '../../text/numbers.ts'
import { AllowDialog, AllowTable } from './allow-table.tsx'
import { allowedDocument, feedsDocument, indicatorsDocument } from './documents.ts'
import { FeedTable } from './feed-table.tsx'
import type { IndicatorFilter } from './filter.ts'
import { ImportDialog } from './import-dialog.tsx'
import { IndicatorTable } from './indicator-table.tsx'

const PAGE = 100

/** What is known of attackers, where it comes from, and what is allowed all the same. */
export function IndicatorsPage() {
  usePlace({ title: 'Indicators' })
  const filter = useSearch({ from: '/indicators' })
  const mayAct = useSession().may('Mutation.addIndicators')
  const [dialog, setDialog] = useState<'import' | 'allow'>()
  useKeys(mayAct ? [{ keys: 'i', label: 'import indicators', run: () => setDialog('import') }] : [])
  const bar = <Bar filter={filter} mayAct={mayAct} onOpen={setDialog} />
  return (
    <>
      {filter.show === undefined && <Known key={filter.search} filter={filter} bar={bar} />}
      {filter.show === 'feeds' && <Feeds mayAct={mayAct} bar={bar} />}
      {filter.show === 'allowed' && <Allowed mayAct={mayAct} bar={bar} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'allow' && <AllowDialog onClose={() => setDialog(undefined)} />}
    </>
  )
}

function Bar({
  filter: { show, search, seen },
  mayAct,
  onOpen,
}: {
  readonly filter: IndicatorFilter
  readonly mayAct: boolean
  readonly onOpen: (dialog: 'import' | 'allow') => void
}) {
  const navigate = useNavigate()
  const words = search === undefined ? {} : { search }
  const choices: readonly (readonly [string, IndicatorFilter, boolean])[] = [
    ['Known', words, show === undefined && seen === undefined],
    ['Seen here', { ...words, seen: 'yes' }, show === undefined && seen === 'yes'],
    ['Feeds', { show: 'feeds' }, show === 'feeds'],
    ['Allowed', { show: 'allowed' }, show === 'allowed'],
  ]
  return (
    <div className="filters">
      {choices.map(([label, values, isOn]) => (
        <Link
          key={label}
          to="/indicators"
          search={values}
          className={isOn ? 'chip on' : 'chip'}
          activeProps={{}}
          aria-current={isOn ? 'true' : undefined}
        >
          {label}
        </Link>
      ))}
      {show === undefined && (
        <Find
          label="Find indicators"
          hint="value, description, tag"
          words={search}
          onFind={(typed) =>
            void navigate({
              to: '/indicators',
              search: { ...(seen && { seen }), ...(typed && { search: typed }) },
            })
          }
        />
      )}
      {mayAct && (
        <span className="filters-end">
          {show === 'allowed' && (
            <button type="button" onClick={() => onOpen('allow')}>
              Allow…
            </button>
          )}{' '}
          <button type="button" onClick={() => onOpen('import')}>
            Import… <Kbd keys="i" />
          </button>
        </span>
      )}
    </div>
  )
}

interface BarProps {
  readonly bar: ReactNode
}

function Known({ filter: { search, seen }, bar }: BarProps & { readonly filter: IndicatorFilter }) {
  const [shown, setShown] = useState(PAGE)
  const { data, error } = useAnswer(indicatorsDocument, {
    search: search ?? null,
    sighted: seen === 'yes' ? true : null,
    limit: Math.min(shown, 1000),
  })
  const indicators = data?.indicators
  const status = data?.indicator_status
  return (
    <>
      <div className="top">
        <h1>{status ? heading(status) : 'Indicators'}</h1>
      </div>
      {bar}
      {error && (
        <Failure what="The indicators could not be read" error={error} onRetry={() => void refresh()}>
          {indicators && <p>What was read before is below.</p>}
        </Failure>
      )}
      {!indicators && !error && <Loading what="indicators" />}
      {indicators?.length === 0 && (
        <Empty
          title={search !== undefined || seen ? 'No such indicator' : 'Nothing is known of attackers yet'}
        >
          <p>
            Import a file, or add a feed with <code>vedette indicators feeds add NAME URL</code>.
          </p>
        </Empty>
      )}
      {indicators && indicators.length > 0 && <IndicatorTable indicators={indicators} />}
      {indicators?.length === shown && shown < 1000 && (
        <p className="more">
          <button type="button" onClick={() => setShown(shown + PAGE)}>
            Show older ones
          </button>
        </p>
      )}
    </>
  )
}

function Feeds({ mayAct, bar }: BarProps & { readonly mayAct: boolean }) {
  const { data, error } = useAnswer(feedsDocument, {})
  const feeds = data?.feeds
  const failing = feeds?.filter((feed) => feed.error_message !== null).length ?? 0
  return (
    <>
      <div className="top">
        <h1>{feeds && feeds.length > 0 ? feedHeading(feeds.length, failing) : 'Feeds'}</h1>
      </div>
      {bar}
      {error && <Failure what="The feeds could not be read" error={error} onRetry={() => void refresh()} />}
      {!feeds && !error && <Loading what="feeds" />}
      {feeds?.length === 0 && (
        <Empty title="No feeds yet">
          <p>
            An admin adds one with <code>vedette indicators feeds add NAME URL</code>, or in the configuration
            under <code>threat_intelligence</code>.
          </p>
        </Empty>
      )}
      {feeds && feeds.length > 0 && <FeedTable feeds={feeds} mayAct={mayAct} />}
    </>
  )
}

function Allowed({ mayAct, bar }: BarProps & { readonly mayAct: boolean }) {
  const { data, error } = useAnswer(allowedDocument, {})
  const entries = data?.allow_entries
  return (
    <>
      <div className="top">
        <h1>
          {entries && entries.length > 0
            ? entries.length === 1
              ? 'One thing raises no alert'
              : `${count(entries.length)} things raise no alert`
            : 'Allowed'}
        </h1>
      </div>
      {bar}
      {error && (
        <Failure what="What is allowed could not be read" error={error} onRetry={() => void refresh()} />
      )}
      {!entries && !error && <Loading what="what is allowed" />}
      {entries?.length === 0 && (
        <Empty title="Nothing is allowed">
          <p>
            What stands here raises no alert, whatever an indicator says: with an owner, a reason and an end.
          </p>
        </Empty>
      )}
      {entries && entries.length > 0 && <AllowTable entries={entries} mayAct={mayAct} />}
    </>
  )
}

function heading(status: {
  readonly loaded: boolean
  readonly indicators: number
  readonly detections: number
}): string {
  if (!status.loaded) return 'Indicators are being read'
  if (status.indicators === 0) return 'No indicators'
  const seen = status.detections === 0 ? 'none matched' : plural(status.detections, 'match', 'matches')
  return `${plural(status.indicators, 'indicator')} in force, ${seen} since the start`
}

function feedHeading(feeds: number, failing: number): string {
  if (failing === 0) return feeds === 1 ? 'One feed, and it is good' : `All ${count(feeds)} feeds are good`
  return `${count(failing)} of ${plural(feeds, 'feed')} gave nothing; what was good before is in force`
}
