import { Link } from '@tanstack/react-router'
import type { ResultOf } from '@vedette/client'
import { SeverityMark } from '../../parts/severity.tsx'
import { count } from '../../text/numbers.ts'
import { visibleText } from '../../text/hidden.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import type { indicatorsDocument } from './documents.ts'

type Indicator = ResultOf<typeof indicatorsDocument>['indicators'][number]

/** Indicators, with who says so, how sure they are, and how often each was seen here. */
export function IndicatorTable({ indicators }: { readonly indicators: readonly Indicator[] }) {
  return (
    <div className="table-scroll">
      <table className="data">
        <thead>
          <tr>
            <th>Value</th>
            <th className="number">Seen here</th>
            <th>Type</th>
            <th>Severity</th>
            <th className="number">Sure</th>
            <th>TLP</th>
            <th>Source</th>
            <th>Tags</th>
            <th className="number">Added</th>
          </tr>
        </thead>
        <tbody>
          {indicators.map((one) => (
            <tr key={one.id}>
              <td className="name clip" title={visibleText(one.value)}>
                <RawText text={one.value} />
              </td>
              <td className={one.sightings > 0 ? 'number bad' : 'number quiet'}>
                {one.sightings === 0 ? (
                  'never'
                ) : (
                  <Link to="/alerts" search={{ status: 'all', q: one.value }}>
                    {count(one.sightings)}
                  </Link>
                )}
              </td>
              <td className="quiet">{one.type.replaceAll('_', ' ')}</td>
              <td>
                <SeverityMark severity={one.severity} label />
              </td>
              <td className="number">{one.confidence}</td>
              <td className="quiet">{one.tlp}</td>
              <td>
                <RawText text={one.source} />
              </td>
              <td className="quiet">
                <RawText text={one.tags.join(', ')} />
              </td>
              <td className="number quiet">
                <Ago at={one.added_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
