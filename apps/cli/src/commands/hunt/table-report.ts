import { type Group, type GroupBy, Groups, type ReportWriter, techniquesOf } from '@vedette/manager/hunt'
import { count } from '../../format/quantity.ts'
import type { Style } from '../../format/style.ts'
import { type Column, table } from '../../format/table.ts'
import { exact } from '../../format/time.ts'
import { safe } from '../../print.ts'
import { conclusion } from './conclusion.ts'

/** Lines of the table; the rest is counted. */
const MOST_LINES = 1000

/** A line for each rule, technique or host that something was found for. */
export function tableReport(by: GroupBy, style: Style, columns: number | undefined): ReportWriter {
  const groups = new Groups(by)
  return {
    matches(matches) {
      for (const match of matches) groups.add(match)
      return ''
    },
    *end({ summary }) {
      const all = groups.sorted()
      const shown = all.slice(0, MOST_LINES)
      if (shown.length > 0) {
        const { titles, rows } = fitting(
          columnsOf[by],
          shown.map((group) => [...common(group, style), ...own[by](group)]),
          columns,
        )
        yield table(titles, rows, {
          ...(columns === undefined ? {} : { width: columns }),
          head: (title) => style.dim(title),
        })
        if (all.length > shown.length) yield style.dim(`and ${count(all.length - shown.length)} more\n`)
        yield '\n'
      }
      yield conclusion(summary, style)
    },
    [Symbol.dispose]: () => undefined,
  }
}

const LEVEL_AND_COUNT: readonly Column[] = [{ title: 'LEVEL' }, { title: 'MATCHES', align: 'right' }]
const TIMES: readonly Column[] = [{ title: 'FIRST' }, { title: 'LAST' }]

const columnsOf: Readonly<Record<GroupBy, readonly Column[]>> = {
  rule: [
    ...LEVEL_AND_COUNT,
    ...TIMES,
    { title: 'HOSTS', align: 'right' },
    { title: 'TECHNIQUES' },
    { title: 'RULE', flexible: true },
  ],
  technique: [
    ...LEVEL_AND_COUNT,
    ...TIMES,
    { title: 'HOSTS', align: 'right' },
    { title: 'RULES', align: 'right' },
    { title: 'TECHNIQUE', flexible: true },
  ],
  host: [
    ...LEVEL_AND_COUNT,
    ...TIMES,
    { title: 'RULES', align: 'right' },
    { title: 'TECHNIQUES', align: 'right' },
    { title: 'HOST', flexible: true },
  ],
}

/** Columns that a narrow terminal goes without, with the width from which on they are shown. */
const WIDE_ENOUGH: Readonly<Record<string, number>> = { LAST: 118, TECHNIQUES: 96, HOSTS: 70 }

function fitting(
  titles: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
) {
  const shown = titles.map(({ title }) => columns === undefined || columns >= (WIDE_ENOUGH[title] ?? 0))
  return {
    titles: titles.filter((_, i) => shown[i]),
    rows: rows.map((row) => row.filter((_, i) => shown[i])),
  }
}

function common({ level, matches, firstMs, lastMs }: Group, style: Style): string[] {
  const time = (timeMs: number | undefined) => (timeMs === undefined ? '-' : exact(timeMs))
  return [style.severity(level), count(matches), time(firstMs), time(lastMs)]
}

const own: Readonly<Record<GroupBy, (group: Group) => string[]>> = {
  rule: ({ hosts, rules, title }) => {
    const techniques = techniquesOf(rules).map(({ id }) => id)
    const told = techniques.length > 2 ? [...techniques.slice(0, 2), '…'] : techniques
    return [count(hosts.size), told.join(' ') || '-', safe(title, 300)]
  },
  technique: ({ hosts, rules, key, title }) => [
    count(hosts.size),
    count(rules.size),
    key === '' ? safe(title || 'none named') : `${safe(key)} ${key === title ? '' : safe(title)}`.trimEnd(),
  ],
  host: ({ rules, title }) => [
    count(rules.size),
    count(techniquesOf(rules).length),
    safe(title || 'not said', 200),
  ],
}
