import { Link } from '@tanstack/react-router'
import type { AlertDetail } from '../../api/documents.ts'
import { countedValues, fieldRank, fieldWords } from './fields.ts'
import { RawText } from '../../text/raw-text.tsx'

/** A matched value is shown this long. */
const LONGEST = 160
const MOST = 8

/** The rule in plain words, and the values that it matched. */
export function WhyPanel({ alert }: { readonly alert: AlertDetail }) {
  const { rule, matches } = alert
  const shown = byField(matches)
  const counted = countedValues(alert.aggregate)
  return (
    <section className="panel">
      <h2>Why this is an alert</h2>
      <p>
        <b>
          <RawText text={rule.title} />.
        </b>{' '}
        <RawText text={rule.explanation} />
      </p>
      <dl>
        {shown.slice(0, MOST).map(({ field, values }, at) => (
          <div key={field}>
            <dt className={at === 0 ? undefined : 'visually-hidden'}>Matched</dt>
            <dd>
              <span className="quiet">{fieldWords(field)}</span>
              {values.slice(0, MOST).map((value) => (
                <span key={value}>
                  {' '}
                  <mark className="mono">
                    <RawText text={value.slice(0, LONGEST)} />
                    {value.length > LONGEST && '…'}
                  </mark>
                </span>
              ))}
            </dd>
          </div>
        ))}
        {shown.length > MOST && (
          <div>
            <dd className="quiet">and {shown.length - MOST} more</dd>
          </div>
        )}
        {counted.map(([name, value]) => (
          <div key={name}>
            <dt>{name === 'count' ? 'Counted' : fieldWords(name)}</dt>
            <dd>
              <RawText text={value} />
            </dd>
          </div>
        ))}
        <div>
          <dt>Rule</dt>
          <dd>
            {hasPage(rule.type) ? (
              <Link to="/rules/$id" params={{ id: rule.id }}>
                <code>
                  <RawText text={rule.id} />
                </code>
              </Link>
            ) : (
              <code>
                <RawText text={rule.id} />
              </code>
            )}
            , {rule.type}
          </dd>
        </div>
        <div>
          <dt>File</dt>
          <dd>
            <code>
              <RawText text={withinContent(rule.file)} />
            </code>
          </dd>
        </div>
        {rule.false_positives.length > 0 && (
          <div>
            <dt>Harmless when</dt>
            <dd>
              {rule.false_positives.map((text) => (
                <span key={text} className="line">
                  <RawText text={text} />
                </span>
              ))}
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

/** Whether a rule is over events: these have a page, and exceptions. Indicators and rules over files have not. */
export function hasPage(type: string): boolean {
  return type !== 'indicator' && type !== 'yara'
}

/** What matched, by field, what says most first; each value once. */
function byField(matches: AlertDetail['matches']): { field: string; values: string[] }[] {
  const fields = new Map<string, Set<string>>()
  for (const { field, value, start, length } of matches) {
    const matched = start === null ? value : value.slice(start, start + (length ?? value.length))
    const values = fields.get(field) ?? new Set()
    fields.set(field, values.add(matched))
  }
  return [...fields]
    .map(([field, values]) => ({ field, values: [...values] }))
    .toSorted((a, b) => fieldRank(a.field) - fieldRank(b.field))
}

/** A rule's file from the content folder on: where that stands is the server's business. */
function withinContent(file: string): string {
  return file.replace(/^.*\/(?=content\/)/, '')
}
