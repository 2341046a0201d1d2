import type { ResultOf } from '@vedette/client'
import { useState } from 'react'
import type { hostDocument } from '../../api/documents.ts'
import { count } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { HostState } from './host-state.tsx'

type Host = NonNullable<ResultOf<typeof hostDocument>['host']>

const ways: Readonly<Record<string, string>> = {
  records: 'Records, from the collectors on',
  events: 'Events, until the server has stored them',
}

/** What became of all that was seen: of both ways as a whole, of each part, and of each kind of record. */
export function Books({ host }: { readonly host: Host }) {
  return (
    <>
      {host.books.length > 0 && (
        <section>
          <h2>
            Books <span>seen = delivered + lost + on their way</span>
          </h2>
          <div className="table-scroll">
            <table className="data">
              <thead>
                <tr>
                  <th>Way</th>
                  <th className="number">Seen</th>
                  <th className="number">Delivered</th>
                  <th className="number">Lost</th>
                  <th className="number">On their way</th>
                  <th className="number">Missing</th>
                </tr>
              </thead>
              <tbody>
                {host.books.map((book) => (
                  <tr key={book.name}>
                    <td className="name">{ways[book.name] ?? book.name}</td>
                    <td className="number">{count(book.emitted)}</td>
                    <td className="number">{count(book.delivered)}</td>
                    <Lost value={book.lost} />
                    <td className="number quiet">{count(book.waiting)}</td>
                    <Lost value={book.difference} />
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      <section>
        <h2>
          Parts <span>emitted = delivered + lost + on their way</span>
        </h2>
        <p className={host.given_up.length > 0 ? 'lead problem' : 'lead'}>{givenUp(host)}</p>
        <div className="table-scroll">
          <table className="data parts">
            <thead>
              <tr>
                <th>Part</th>
                <th>State</th>
                <th className="number">Emitted</th>
                <th className="number">Delivered</th>
                <th className="number">Lost</th>
              </tr>
            </thead>
            <tbody>
              {host.parts.map((part) => (
                <PartRows key={part.name} part={part} />
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  )
}

/** A part, and on demand what became of each kind of record; of what it lost always. */
function PartRows({ part }: { readonly part: Host['parts'][number] }) {
  const [isOpen, setOpen] = useState(false)
  const told = part.kinds.filter(({ emitted, lost }) => lost > 0 || (isOpen && emitted > 0))
  const quiet = isOpen ? part.kinds.filter(({ emitted, lost }) => emitted === 0 && lost === 0) : []
  return (
    <>
      <tr>
        <td className="name">
          <RawText text={part.name} />
          {part.kinds.length > 1 && (
            <button
              type="button"
              className="plain kinds"
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? 'fewer' : `${part.kinds.length} kinds`}
              <span className="visually-hidden"> of {part.name}</span>
            </button>
          )}
        </td>
        <td>
          <HostState state={part.state} />
        </td>
        <td className="number">{count(part.emitted)}</td>
        <td className="number">{count(part.delivered)}</td>
        <Lost value={part.lost} />
      </tr>
      {told.map((book) => (
        <tr key={book.kind} className="kind">
          <td colSpan={2}>
            <RawText text={book.kind.replaceAll('_', ' ')} />
          </td>
          <td className="number">{count(book.emitted)}</td>
          <td className="number">{count(book.delivered)}</td>
          <Lost value={book.lost} />
        </tr>
      ))}
      {quiet.length > 0 && (
        <tr className="kind">
          <td colSpan={5} className="none-yet">
            None so far of {quiet.map(({ kind }) => kind.replaceAll('_', ' ')).join(', ')}
          </td>
        </tr>
      )}
    </>
  )
}

function Lost({ value }: { readonly value: number }) {
  return <td className={value === 0 ? 'number quiet' : 'number bad'}>{count(value)}</td>
}

function givenUp({ given_up: lost, sensor }: Host): string {
  if (lost.length === 0) {
    return sensor === null
      ? 'Nothing is known to have been given up.'
      : `The sensor ${sensor.tier} has given up nothing since its agent started.`
  }
  const kinds = lost.map((book) => `${count(book.lost)} of ${book.kind.replaceAll('_', ' ')}`).join(', ')
  return `More happened than could be told. Given up since the agent started: ${kinds}.`
}
