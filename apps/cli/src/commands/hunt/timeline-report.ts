import { basename } from 'node:path'
import { gistOf, type HuntMatch, MatchList, type ReportWriter } from '@vedette/manager/hunt'
import { count } from '../../format/quantity.ts'
import type { Style } from '../../format/style.ts'
import { type Column, table } from '../../format/table.ts'
import { exact } from '../../format/time.ts'
import { safe } from '../../print.ts'
import { conclusion } from './conclusion.ts'

/** Lines that are laid out together: their columns are aligned, and no more of them is in memory. */
const LINES_AT_ONCE = 500

const COLUMNS: readonly Column[] = [
  { title: 'TIME' },
  { title: 'LEVEL' },
  { title: 'HOST' },
  { title: 'RULE' },
  { title: 'RECORD' },
  { title: 'WHAT', flexible: true },
]

/** A line for each match, in order of time; what says no time comes last. */
export function timelineReport(style: Style, columns: number | undefined): ReportWriter {
  const list = new MatchList()
  return {
    matches(matches) {
      for (const match of matches) list.add(match)
      return ''
    },
    *end({ summary }) {
      const order = list.byTime()
      const narrow = columns !== undefined && columns < 160
      for (let from = 0; from < order.length; from += LINES_AT_ONCE) {
        const rows = [...order.subarray(from, from + LINES_AT_ONCE)].map((place) =>
          row(list.at(place), style, narrow),
        )
        const text = table(COLUMNS, rows, {
          ...(columns === undefined ? {} : { width: columns }),
          head: (title) => style.dim(title),
        })
        yield from === 0 ? text : text.slice(text.indexOf('\n') + 1)
      }
      if (list.refused > 0) yield style.warn(`${count(list.refused)} more were found than a timeline holds\n`)
      if (order.length > 0) yield '\n'
      yield conclusion(summary, style)
    },
    [Symbol.dispose]: () => list[Symbol.dispose](),
  }
}

function row(
  { rule, timeMs, host, file, record, event }: HuntMatch,
  style: Style,
  narrow: boolean,
): string[] {
  return [
    timeMs === undefined ? '-' : narrow ? exact(timeMs) : new Date(timeMs).toISOString().replace('T', ' '),
    style.severity(rule.severity),
    safe(host || '-', narrow ? 16 : 30),
    safe(rule.title, narrow ? 32 : 50),
    `${safe(basename(file), narrow ? 16 : 40)}:${record}`,
    safe(gistOf(event), 400),
  ]
}
