import type { HuntSummary } from '@vedette/manager/hunt'
import { count } from '../../format/quantity.ts'
import type { Style } from '../../format/style.ts'

/** What was done in all, in a sentence or two for people. */
export function conclusion(summary: HuntSummary, style: Style): string {
  const {
    events,
    matches,
    rules,
    indicators,
    files,
    passedOver,
    seconds,
    loadSeconds,
    unreadable,
    uncorrelated,
  } = summary
  const searched = files - passedOver
  const from = files > 0 ? ` of ${many(searched, 'file')}` : ''
  const listed = indicators > 0 ? ` and ${many(indicators, 'indicator')}` : ''
  const what = `${many(events, 'event')}${from} judged by ${many(rules, 'rule')}${listed} in ${duration(seconds)}`
  const judging = seconds - loadSeconds
  const rate = events > 0 && judging > 0 ? `, ${count(events / judging)} events/s` : ''
  const aside = [
    ...(passedOver > 0
      ? [`${many(passedOver, 'file')} ${passedOver === 1 ? 'holds' : 'hold'} no events of a known kind.`]
      : []),
    ...(uncorrelated > 0
      ? [
          style.warn(
            `${many(uncorrelated, 'hit')} could not be counted by correlations: no time, or too many.`,
          ),
        ]
      : []),
    ...(unreadable > 0 ? [style.warn(`${count(unreadable)} could not be read.`)] : []),
  ]
  const found =
    matches > 0
      ? style.bold(many(matches, 'match', 'matches'))
      : events > 0
        ? style.good('Nothing found')
        : style.warn('There was nothing to judge')
  return `${[`${found}: ${what}${rate}.`, ...aside].join(' ')}\n`
}

function many(number: number, one: string, more = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : more}`
}

function duration(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`
}
