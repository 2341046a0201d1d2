import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { graphql, type ResultOf } from '@vedette/client'
import { ask } from '../../api/api.ts'
import { Find } from '../../parts/find.tsx'
import { SpanSelect } from '../../parts/span-select.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { usePages } from '../../parts/use-pages.ts'
import { usePlace } from '../../shell/header.tsx'
import { visibleText } from '../../text/hidden.ts'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { spanBounds } from '../../time/span.ts'
import { Clock } from '../../time/time.tsx'
import type { IntegrityFilter } from './filter.ts'

const USUAL = '7d'
/** A hash is known by its beginning; the whole of it is its title. */
const HASH = 12

const changesDocument = graphql(`
  query IntegrityChanges(
    $limit: Int!
    $offset: Int!
    $host: ID
    $search: String
    $by_package_manager: Boolean
    $since: DateTime
    $until: DateTime
  ) {
    integrity_changes(
      limit: $limit
      offset: $offset
      host: $host
      search: $search
      by_package_manager: $by_package_manager
      since: $since
      until: $until
    ) {
      event_id
      time
      host
      path
      change
      facts {
        fact
        before
        after
      }
      process {
        uid
        pid
        name
      }
      package
      by_package_manager
      seen
    }
  }
`)

type IntegrityRow = ResultOf<typeof changesDocument>['integrity_changes'][number]

/** Files that are not what was known of them: what differs, and who did it. */
export function IntegrityPage() {
  usePlace({ title: 'Integrity' })
  const filter = useSearch({ from: '/integrity' })
  const navigate = useNavigate()
  const { host, search, by } = filter
  const pages = usePages(JSON.stringify(filter), async ({ limit, offset, asOf }) => {
    const { integrity_changes } = await ask(changesDocument, {
      limit,
      offset,
      host: host ?? null,
      search: search ?? null,
      by_package_manager: by === 'others' ? false : null,
      ...spanBounds(filter, asOf, USUAL),
    })
    return integrity_changes
  })
  const { rows, error, first, more, full } = pages
  const go = (change: Partial<Record<keyof IntegrityFilter, string | undefined>>) =>
    void navigate({ to: '/integrity', search: (before) => ({ ...before, ...change }) as IntegrityFilter })
  return (
    <>
      <div className="top">
        <h1>{first || rows.length === 0 ? 'Integrity' : heading(rows, more)}</h1>
      </div>
      <div className="filters">
        <SpanSelect span={filter} usual={USUAL} onChange={({ range, from, to }) => go({ range, from, to })} />
        <button
          type="button"
          className={by ? 'chip on' : 'chip'}
          aria-pressed={by === 'others'}
          onClick={() => go({ by: by ? undefined : 'others' })}
        >
          Not by the package manager
        </button>
        {host !== undefined && (
          <button type="button" className="chip on" onClick={() => go({ host: undefined })}>
            This host only ×
          </button>
        )}
        <Find
          label="Find files"
          hint="path, process"
          words={search}
          onFind={(typed) => go({ search: typed })}
        />
      </div>
      {error && (
        <Failure what="The changes could not be read" error={error} onRetry={pages.reload}>
          {rows.length > 0 && <p>What was read before is below.</p>}
        </Failure>
      )}
      {first && <Loading what="changes" />}
      {rows.length === 0 && !first && !error && (
        <Empty title="Nothing differed in this time">
          <p>
            Each host knows the files of its configuration and programs by content and rights.{' '}
            <code>vedette integrity status</code> tells which, and what is not as it was accepted.
          </p>
        </Empty>
      )}
      {rows.length > 0 && <ChangeTable rows={rows} />}
      {rows.length > 0 && more && !full && (
        <p className="more">
          <button type="button" disabled={pages.loading} onClick={pages.loadMore}>
            Show older ones
          </button>
        </p>
      )}
      {full && <p className="more">Narrow the filter or the time to see older ones.</p>}
    </>
  )
}

function ChangeTable({ rows }: { readonly rows: readonly IntegrityRow[] }) {
  return (
    <div className="table-scroll">
      <table className="data changes">
        <thead>
          <tr>
            <th>Time</th>
            <th>File</th>
            <th>What differs</th>
            <th>Who</th>
            <th>Package</th>
            <th>Host</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.event_id}>
              <td className="quiet">
                <Clock at={row.time} precision="seconds" />
              </td>
              <td className="path">
                <code>
                  <RawText text={row.path} />
                </code>
              </td>
              <td>
                <b className={row.change === 'changed' ? undefined : row.change}>{row.change}</b>
                {row.facts.map(({ fact, before, after }) => (
                  <span key={fact} className="line">
                    <span className="quiet">{fact.replaceAll('_', ' ')}</span>{' '}
                    <Value fact={fact} value={before} /> <span className="quiet">→</span>{' '}
                    <Value fact={fact} value={after} />
                  </span>
                ))}
              </td>
              <td>
                <Who row={row} />
              </td>
              <td className="quiet">
                {row.package === null ? '–' : <RawText text={row.package} />}
                {row.by_package_manager && <span className="line">by the package manager</span>}
              </td>
              <td>
                <RawText text={row.host} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Value({ fact, value }: { readonly fact: string; readonly value: string | null }) {
  if (value === null) return <span className="quiet">none</span>
  const isHash = fact === 'sha256'
  return (
    <code title={isHash ? visibleText(value) : undefined}>
      <RawText text={isHash ? value.slice(0, HASH) : value} />
    </code>
  )
}

function Who({ row: { process, seen } }: { readonly row: IntegrityRow }) {
  if (process) {
    return (
      <Link to="/alerts" search={{ process: process.uid, status: 'all' }} title="Alerts about this process">
        <RawText text={process.name} /> <small>{process.pid}</small>
      </Link>
    )
  }
  return <span className="quiet">{seen === 'rescan' ? 'found by looking again' : 'not seen'}</span>
}

function heading(rows: readonly IntegrityRow[], more: boolean): string {
  const known = more
    ? `${count(rows.length)}+ changes of files`
    : plural(rows.length, 'change of a file', 'changes of files')
  const others = rows.filter((row) => !row.by_package_manager).length
  return others === rows.length || more ? known : `${known}, ${count(others)} not by the package manager`
}
