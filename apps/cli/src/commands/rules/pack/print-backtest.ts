import type { operations } from '@vedette/client/rest'
import type { Invocation } from '../../../command.ts'
import { count } from '../../../format/quantity.ts'
import { printLine, printTable, safe } from '../../../print.ts'

type Backtest = operations.Backtest

const MOST_RULES = 40
const MOST_DETAILED = 5

/** What rules would have fired on, for a person. */
export function printBacktest(invocation: Invocation, report: Backtest, over: string): void {
  const { style } = invocation
  const line = (text = '') => printLine(invocation, text)
  const { tried, events, hits, rules, seconds, cut } = report
  const rate = seconds > 0 ? ` in ${seconds.toFixed(1)} s` : ''
  line(`${plural(tried, 'rule')} tried on ${plural(events, 'event')} ${over}${rate}`)
  if (cut) line(style.warn('It ended before everything was looked at.'))
  if (events === 0) return line(style.warn('There was nothing to try them on.'))
  if (rules.length === 0) return line(style.good('None would have fired.'))
  line(`${style.bold(plural(hits, 'hit'))} of ${plural(rules.length, 'rule')}:`)
  line()
  printTable(
    invocation,
    [
      { title: 'HITS', align: 'right' },
      { title: 'A DAY', align: 'right' },
      { title: 'SEVERITY' },
      { title: 'HOSTS', align: 'right' },
      { title: 'MOSTLY' },
      { title: 'RULE', flexible: true },
    ],
    rules
      .slice(0, MOST_RULES)
      .map((rule) => [
        count(rule.hits),
        perDay(rule),
        style.severity(rule.severity),
        rule.hosts.length === 10 ? '10+' : count(rule.hosts.length),
        safe(rule.programs[0]?.name ?? '', 40),
        safe(rule.title, 200),
      ]),
  )
  if (rules.length > MOST_RULES)
    line(style.dim(`and ${count(rules.length - MOST_RULES)} rules more: --json has them`))
  for (const rule of rules.slice(0, MOST_DETAILED)) {
    line()
    line(`${style.severity(rule.severity)}  ${style.bold(safe(rule.title))}`)
    const days = rule.days.slice(-14).map(({ day, hits: number }) => `${day.slice(5)} ${count(number)}`)
    if (days.length > 1) line(`  ${style.dim('days    ')} ${days.join(', ')}`)
    if (rule.hosts.length > 0) line(`  ${style.dim('hosts   ')} ${names(rule.hosts)}`)
    if (rule.programs.length > 0) line(`  ${style.dim('programs')} ${names(rule.programs)}`)
    for (const { time, title, place } of rule.examples.slice(0, 3)) {
      line(
        `  ${style.dim('example ')} ${time === null ? '' : `${time.slice(0, 19).replace('T', ' ')}Z `}${safe(title, 200)} ${style.dim(safe(place, 120))}`,
      )
    }
  }
}

function perDay({ hits, days }: Backtest['rules'][number]): string {
  const [first] = days
  const last = days.at(-1)
  if (!first || !last) return ''
  const span = (Date.parse(last.day) - Date.parse(first.day)) / 86_400_000 + 1
  const rate = hits / span
  return rate >= 10 ? count(rate) : rate.toFixed(1)
}

function names(list: readonly { readonly name: string; readonly hits: number }[]): string {
  const shown = list.slice(0, 5).map(({ name, hits }) => `${safe(name, 60)} ${count(hits)}`)
  return shown.join(', ')
}

export function plural(number: number, word: string): string {
  return `${count(number)} ${number === 1 ? word : `${word}s`}`
}
