import { severities, type Severity } from '@vedette/model'
import type { HuntMatch } from '../match.ts'
import { MatchList } from '../match-list.ts'
import { gistOf } from './gist.ts'
import { type Group, type GroupBy, Groups, techniquesOf } from './groups.ts'
import { STYLE } from './html-style.ts'
import { Html, markup } from './html-text.ts'
import type { HuntOutcome, ReportWriter } from './report-writer.ts'

/** What a page still shows smoothly; the rest is counted, and is in the other formats. */
const MOST = {
  timeline: 2000,
  groups: 500,
  matchesOfRule: 10,
  unreadable: 200,
  hostsNamed: 8,
  eventLength: 20_000,
} as const
const BARS = 60

/**
 * A page that stands alone, without scripts and without anything from elsewhere: figures, when it happened, by rule, by
 * technique, by host, the timeline, and what could not be read.
 */
export function htmlReport(): ReportWriter {
  const list = new MatchList()
  const groups: Readonly<Record<GroupBy, Groups>> = {
    rule: new Groups('rule'),
    technique: new Groups('technique'),
    host: new Groups('host'),
  }
  const levels = new Map<Severity, number>()
  const samples = new Map<string, HuntMatch[]>()
  return {
    matches(matches) {
      for (const match of matches) {
        list.add(match)
        for (const one of Object.values(groups)) one.add(match)
        const { id, severity } = match.rule
        levels.set(severity, (levels.get(severity) ?? 0) + 1)
        const own = samples.get(id) ?? []
        if (own.length < MOST.matchesOfRule) own.push(match)
        samples.set(id, own)
      }
      return ''
    },
    *end(outcome) {
      const order = list.byTime()
      yield top(outcome).text
      yield figures(outcome, levels).text
      if (order.length === 0) yield markup`<p class="nothing">Nothing was found.</p>`.text
      else {
        yield chart(list, order).text
        yield byRule(groups.rule.sorted(), samples).text
        yield byTechnique(groups.technique.sorted()).text
        yield byHost(groups.host.sorted()).text
        yield* timeline(list, order)
      }
      yield notRead(outcome).text
      yield markup`<footer>Made by Vedette ${outcome.version} at ${instant(outcome.nowMs)}</footer>\n</main></body></html>\n`
        .text
    },
    [Symbol.dispose]: () => list[Symbol.dispose](),
  }
}

function top({ paths, summary }: HuntOutcome): Html {
  const where = paths.join(', ') || 'stored events'
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark"><title>Hunt: ${where}</title>
<style>${new Html(STYLE)}</style></head><body><main>
<header><h1>Hunt</h1><p class="where">${where}</p>${
    summary.aborted ? markup`<p class="warning">Ended before everything was searched.</p>` : undefined
  }</header>`
}

function figures({ summary }: HuntOutcome, levels: ReadonlyMap<Severity, number>): Html {
  const { events, matches, rules, files, passedOver, seconds } = summary
  const cards = [
    [count(matches), matches === 1 ? 'match' : 'matches'],
    [count(events), 'events judged'],
    [count(rules), 'rules'],
    ...(files > 0 ? [[count(files - passedOver), 'files']] : []),
    [seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(0), 'seconds'],
  ].map(([value, name]) => markup`<div class="card"><b>${value}</b><span>${name}</span></div>`)
  const most = Math.max(1, ...levels.values())
  const rows = severities.toReversed().map((level) => {
    const number = levels.get(level) ?? 0
    const width = number === 0 ? 0 : Math.max(1, Math.round((number / most) * 100))
    const bar = markup`<i class="${level}" style="width:${width}%"></i>`
    return markup`<tr><th>${badge(level)}</th><td class="bar">${bar}</td><td class="number">${count(number)}</td></tr>`
  })
  return markup`<section class="cards">${cards}</section>
<section class="levels"><table aria-label="Matches by level">${rows}</table></section>`
}

/** How many matches there were when: bars over the time that the matches span. */
function chart(list: MatchList, order: Uint32Array): Html | { text: '' } {
  const first = list.timeAt(order[0] ?? 0)
  let last = first
  const counts = Array.from({ length: BARS }, () => 0)
  for (const place of order) last = list.timeAt(place) ?? last
  if (first === undefined || last === undefined || first === last) return { text: '' }
  for (const place of order) {
    const time = list.timeAt(place)
    if (time === undefined) break
    const bar = Math.min(BARS - 1, Math.floor(((time - first) / (last - first)) * BARS))
    counts[bar] = (counts[bar] ?? 0) + 1
  }
  const most = Math.max(...counts)
  const bars = counts.map((number, i) => {
    const height = number === 0 ? 0 : Math.max(2, (number / most) * 100)
    const said = `${count(number)} from ${instant(first + ((last - first) * i) / BARS)} on`
    return markup`<rect x="${i * 10}" y="${100 - height}" width="8" height="${height}"><title>${said}</title></rect>`
  })
  return markup`<section><h2>When</h2>
<svg class="chart" viewBox="0 0 ${BARS * 10} 100" preserveAspectRatio="none" role="img" aria-label="Matches over time, at most ${count(most)} in a bar">${bars}</svg>
<p class="ends"><span>${instant(first)}</span><span>${instant(last)}</span></p></section>`
}

function byRule(groups: readonly Group[], samples: ReadonlyMap<string, readonly HuntMatch[]>): Html {
  const shown = groups.slice(0, MOST.groups).map((group) => {
    const { rule } = group.sample
    const techniques = rule.techniques.map(({ id, name }) => markup`<code title="${name}">${id}</code>`)
    return markup`<details><summary>${badge(group.level)}<b>${group.title}</b><span class="techniques">${techniques}</span><span class="number">${count(group.matches)}</span></summary>
${aboutRule(group, samples.get(group.key) ?? [])}</details>
`
  })
  return markup`<section><h2>Rules</h2>${shown}${moreThan(groups.length, MOST.groups)}</section>`
}

function aboutRule(group: Group, own: readonly HuntMatch[]): Html {
  const { rule } = group.sample
  const hosts = group.hosts.size
  const named = hosts > 0 && hosts <= MOST.hostsNamed ? `: ${[...group.hosts].join(', ')}` : ''
  const records = own.map(
    ({ timeMs, file, record, event }) =>
      markup`<li><p><time>${timeMs === undefined ? 'no time' : instant(timeMs)}</time> <span class="where">${file}:${record}</span></p><pre>${pretty(event)}</pre></li>`,
  )
  const more = group.matches - own.length
  return markup`<div class="rule"><p>${oneLine(rule.explanation)}</p>
<p class="where">${rule.id} · ${span(group)} · ${count(hosts)} ${hosts === 1 ? 'host' : 'hosts'}${named}</p>${
    rule.falsePositives.length === 0
      ? undefined
      : markup`<p class="where">Harmless when: ${oneLine(rule.falsePositives.join('; '))}</p>`
  }<ol>${records}</ol>${more > 0 ? markup`<p class="where">and ${count(more)} more</p>` : undefined}</div>`
}

function byTechnique(groups: readonly Group[]): Html {
  const rows = groups.map((group): [Html, number] => {
    const { key, title, hosts } = group
    const what = key === '' ? markup`none named` : markup`<code>${key}</code> ${title === key ? '' : title}`
    return [what, hosts.size]
  })
  return groupTable('Techniques', ['Technique', 'Hosts'], groups, rows)
}

function byHost(groups: readonly Group[]): Html {
  const rows = groups.map(({ title, rules }): [Html, number] => [
    markup`${title || 'not said'}`,
    techniquesOf(rules).length,
  ])
  return groupTable('Hosts', ['Host', 'Techniques'], groups, rows)
}

function groupTable(
  title: string,
  [what, other]: readonly [string, string],
  groups: readonly Group[],
  own: readonly (readonly [Html, number])[],
): Html {
  const rows = groups.slice(0, MOST.groups).map((group, i) => {
    const [name, number] = own[i] ?? []
    return markup`<tr><td>${badge(group.level)}</td><td class="wide">${name}</td><td class="number">${count(group.matches)}</td><td class="number">${count(group.rules.size)}</td><td class="number">${count(number ?? 0)}</td><td class="where when">${span(group)}</td></tr>
`
  })
  return markup`<section><h2>${title}</h2><div class="scroll" tabindex="0"><table class="list"><thead><tr><th>Level</th><th>${what}</th><th class="number">Matches</th><th class="number">Rules</th><th class="number">${other}</th><th>When</th></tr></thead><tbody>
${rows}</tbody></table></div>${moreThan(groups.length, MOST.groups)}</section>`
}

function* timeline(list: MatchList, order: Uint32Array): Iterable<string> {
  yield markup`<section><h2>Timeline</h2><div class="scroll" tabindex="0"><table class="list"><thead><tr><th>Time</th><th>Level</th><th>Host</th><th>Rule</th><th>What</th><th>Record</th></tr></thead><tbody>
`.text
  for (const place of order.subarray(0, MOST.timeline)) {
    const { rule, timeMs, host, file, record, event } = list.at(place)
    const time = timeMs === undefined ? '-' : instant(timeMs)
    yield markup`<tr><td class="where when">${time}</td><td>${badge(rule.severity)}</td><td>${host || '-'}</td><td>${rule.title}</td><td class="wide"><code>${gistOf(event)}</code></td><td class="where">${file}:${record}</td></tr>
`.text
  }
  yield markup`</tbody></table></div>${moreThan(order.length + list.refused, MOST.timeline)}</section>`.text
}

function notRead({ summary, unreadable, start }: HuntOutcome): Html | { text: '' } {
  const faults = new Set(start.problems.map(({ file }) => file)).size
  if (summary.unreadable === 0 && faults === 0) return { text: '' }
  const rules = `${count(faults)} ${faults === 1 ? 'file' : 'files'} of rules did not load whole.`
  const lines = unreadable
    .slice(0, MOST.unreadable)
    .map(
      ({ file, offset, reason }) =>
        markup`<li><span class="where">${file}${offset === undefined ? '' : `, byte ${offset}`}</span> ${reason.replaceAll('-', ' ')}</li>`,
    )
  return markup`<section><h2>Not read</h2>${
    faults === 0 ? undefined : markup`<p class="warning">${rules}</p>`
  }<ul>${lines}</ul>${moreThan(summary.unreadable, lines.length, '')}</section>`
}

function moreThan(
  all: number,
  shown: number,
  where = ': the formats csv and ndjson have them all',
): Html | undefined {
  if (all <= shown) return undefined
  return markup`<p class="where">and ${count(all - shown)} more${where}</p>`
}

function badge(level: Severity): Html {
  return markup`<span class="badge ${level}">${level}</span>`
}

function span({ firstMs, lastMs }: Pick<Group, 'firstMs' | 'lastMs'>): string {
  if (firstMs === undefined || lastMs === undefined) return 'no time'
  return firstMs === lastMs ? instant(firstMs) : `${instant(firstMs)} to ${instant(lastMs)}`
}

function instant(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** Texts of rules are written over several lines. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function pretty(event: string): Html {
  const text = JSON.stringify(JSON.parse(event), null, 2)
  const shown = text.length > MOST.eventLength ? `${text.slice(0, MOST.eventLength)}…` : text
  // Line by line: the breaks between them are ours and stay.
  return new Html(
    shown
      .split('\n')
      .map((line) => markup`${line}`.text)
      .join('\n'),
  )
}
