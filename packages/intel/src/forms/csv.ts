import { csvLine } from '@vedette/base'
import { guessIndicator } from '@vedette/formats'
import type { Indicator } from '@vedette/model'
import { parse } from 'csv-parse/sync'
import type { ReadItem } from '../draft.ts'
import { BATCH, type IndicatorForm } from '../indicator-form.ts'
import { batched } from './json-document.ts'
import { recordDraft, VALUE_NAMES } from './record-draft.ts'

const COLUMNS = [
  'type',
  'value',
  'source',
  'confidence',
  'severity',
  'tlp',
  'valid_from',
  'valid_until',
  'tags',
  'techniques',
  'description',
] as const

/**
 * Rows with commas, semicolons or tabs between (RFC 4180). The first row names the columns, also where it is a remark
 * (`# id,url,...`); without names each row is taken by its first field that is an indicator.
 */
export const csv: IndicatorForm = {
  name: 'csv',
  unit: 'line',
  mediaType: 'text/csv',
  accepts: (head) => looksLikeRows(head),
  read: (text) => batched(items(text), BATCH),
  async *write(indicators) {
    yield csvLine(COLUMNS)
    for await (const batch of indicators) yield batch.map(row).join('')
  },
}

const MOST_COLUMNS = 256
const LONGEST_ROW = 65_536

interface Row {
  readonly place: number
  readonly text: string
}

function* items(text: string): Generator<ReadItem> {
  const separator = separatorOf(text)
  let columns: readonly string[] | undefined
  let first = true
  for (const rows of batched(rowsOf(text), 200)) {
    const pending: Row[] = []
    for (const one of rows) {
      const remark = /^\s*#\s*(.*)$/s.exec(one.text)
      // The last remark before the first row may hold the names.
      if (remark) {
        const named = namesOf(remark[1] ?? '', separator)
        if (first && named) columns = named
        continue
      }
      if (first) {
        first = false
        const named = namesOf(one.text, separator)
        if (named) {
          columns = named
          continue
        }
      }
      pending.push(one)
    }
    for (const [index, fields] of parsed(pending, separator).entries()) {
      const { place, text: written } = pending[index] as Row
      if (fields === undefined) yield { place, fault: 'broken-row', text: written }
      else yield itemOf(place, fields, columns, written)
    }
  }
}

function itemOf(
  place: number,
  fields: readonly string[],
  columns: readonly string[] | undefined,
  text: string,
): ReadItem {
  if (columns === undefined) {
    const value = fields.find((field) => guessIndicator(plain(field)) !== undefined)
    return value === undefined
      ? { place, fault: 'no-value', text }
      : { place, draft: { value: plain(value) } }
  }
  const record: Record<string, unknown> = {}
  for (const [i, name] of columns.entries()) {
    const field = plain(fields[i] ?? '')
    if (field !== '' && field !== 'None' && !Object.hasOwn(record, name)) record[name] = field
  }
  const item = recordDraft(place, record)
  return 'fault' in item ? { ...item, text } : item
}

/** A field as it was before it was kept from being a formula. */
function plain(field: string): string {
  return (/^'[=+\-@\t\r]/.test(field) ? field.slice(1) : field).trim()
}

/** The fields of each row; undefined for one that is broken. */
function parsed(rows: readonly Row[], separator: string): (readonly string[] | undefined)[] {
  const options = {
    delimiter: separator,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: LONGEST_ROW,
  } as const
  try {
    const fields = parse(rows.map(({ text }) => text).join('\n'), options)
    if (fields.length === rows.length) return fields
  } catch {
    // One of them is broken; which, is seen below.
  }
  return rows.map(({ text }) => {
    try {
      return parse(text, options)[0]
    } catch {
      return undefined
    }
  })
}

/** Rows with the line on which each begins: a line feed within quotes does not end one. */
function* rowsOf(text: string): Generator<Row> {
  let line = 0
  let held = ''
  let place = 0
  for (let from = text.startsWith('\ufeff') ? 1 : 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    const piece = text.slice(from, Math.min(to, from + LONGEST_ROW)).replace(/\r$/, '')
    from = to + 1
    line += 1
    if (held === '') {
      if (piece.trim() === '') continue
      place = line
      held = piece
    } else held += `\n${piece}`
    if (isClosed(held) || held.length >= LONGEST_ROW || line - place >= 64) {
      yield { place, text: held }
      held = ''
    }
  }
  if (held !== '') yield { place, text: held }
}

function isClosed(text: string): boolean {
  let quotes = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes += 1
  return quotes % 2 === 0
}

function namesOf(text: string, separator: string): readonly string[] | undefined {
  const names = text
    .split(separator)
    .slice(0, MOST_COLUMNS)
    .map((name) => name.trim().replaceAll('"', '').toLowerCase().replaceAll(' ', '_'))
  return names.some((name) => Object.hasOwn(VALUE_NAMES, name)) ? names : undefined
}

function separatorOf(text: string): string {
  const head = text.slice(0, 4096)
  const counts = [',', ';', '\t'].map((mark) => [mark, head.split(mark).length] as const)
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}

/** Whether most lines have the same mark between fields. */
function looksLikeRows(head: string): boolean {
  const lines = head.split('\n').slice(0, 20)
  if (
    lines.some(
      (line) => namesOf(line.replace(/^\s*#\s*/, ''), separatorOf(head)) !== undefined && /[,;\t]/.test(line),
    )
  )
    return true
  const rows = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return rows.length > 0 && rows.every((line) => line.split(',').length > 1)
}

function row(one: Indicator): string {
  const fields: Readonly<Record<(typeof COLUMNS)[number], string>> = {
    type: one.type,
    value: one.value,
    source: one.source,
    confidence: String(one.confidence),
    severity: one.severity,
    tlp: one.tlp,
    valid_from: new Date(one.validFrom).toISOString(),
    valid_until: one.validUntil === undefined ? '' : new Date(one.validUntil).toISOString(),
    tags: one.tags.join(';'),
    techniques: one.techniques.join(';'),
    description: one.description ?? '',
  }
  return csvLine(COLUMNS.map((name) => fields[name]))
}
