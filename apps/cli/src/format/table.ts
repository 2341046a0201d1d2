import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  /** Right for numbers. Default left. */
  readonly align?: 'left' | 'right'
  /** May be cut to make the table fit; at most one column should be. Default false. */
  readonly flexible?: boolean
}

const GAP = '  '
const NARROWEST = 12

/**
 * Columns of text under their titles, aligned, without lines between them. Cells are text that is already safe for the
 * terminal (see `visible`) and may be coloured. Where the table is wider than `width` the flexible columns are cut with
 * an ellipsis; never when `width` is left out.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly width?: number; readonly head?: (title: string) => string } = {},
): string {
  const widths = columns.map((column, i) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[i] ?? ''))),
  )
  fit(widths, columns, options.width)
  const line = (cells: readonly string[], paint: (text: string) => string = (text) => text) =>
    columns
      .map((column, i) => paint(pad(cut(cells[i] ?? '', widths[i] ?? 0), widths[i] ?? 0, column.align)))
      .join(GAP)
      .trimEnd()
  const head = line(
    columns.map(({ title }) => title),
    options.head,
  )
  return `${[head, ...rows.map((row) => line(row))].join('\n')}\n`
}

function fit(widths: number[], columns: readonly Column[], width: number | undefined): void {
  if (width === undefined) return
  for (const [i, column] of columns.entries()) {
    if (!column.flexible) continue
    const total = widths.reduce((sum, w) => sum + w, 0) + GAP.length * (columns.length - 1)
    if (total > width) widths[i] = Math.max(NARROWEST, (widths[i] ?? 0) - (total - width))
  }
}

function pad(text: string, width: number, align: Column['align']): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'right' ? fill + text : text + fill
}

/** Cuts to `width` columns; a cell that has to be cut loses its colour. */
function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let taken = ''
  let used = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) {
    const wide = segmentWidth(segment)
    if (used + wide > width - 1) break
    taken += segment
    used += wide
  }
  return `${taken}…`
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** East Asian wide and full-width characters and pictographs (Unicode Standard Annex 11), which take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

function segmentWidth(segment: string): number {
  return WIDE.test(segment) ? 2 : 1
}

/** Columns that the text takes on a terminal. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text)
  // oxlint-disable-next-line no-control-regex -- ASCII is the common case and needs no segmenting
  if (/^[\u0000-\u007f]*$/.test(plain)) return plain.length
  let width = 0
  for (const { segment } of graphemes.segment(plain)) width += segmentWidth(segment)
  return width
}
