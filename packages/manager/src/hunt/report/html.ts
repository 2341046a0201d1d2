import { severities, type Severity } from '@vedette/model'
import type { HuntMatch } from '../match.ts'
import { MatchList } from '../match-list.ts'
import { gistOf } from './gist.ts'
import { type Group, type GroupBy, Groups, techniquesOf } from './groups.ts'
import { Html, html } from './html-text.ts'
import { STYLE } from './html-style.ts'
import type { HuntOutcome, ReportWriter } from './report-writer.ts'

/** What a page still shows smoothly; the rest is counted, and is in the other formats. */
const MOST = { timeline: 2000, groups: 500, matchesOfRule: 10, unreadable: 200, eventLength: 20_000 } as const
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
      yield html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta
              http-equiv="Content-Security-Policy"
              content="default-src 'none'; style-src 'unsafe-inline'"
            />
            <meta name="color-scheme" content="light dark" />
            <title>Hunt: ${outcome.paths.join(', ') || 'stored events'}</title>
            <style>
              ${new Html(STYLE)}
            </style>
          </head>
          <body>
            <main></main>
          </body>
        </html>`.text
      yield headOf(outcome, levels).text
      if (order.length === 0) yield html`<p class="nothing">Nothing was found.</p>`.text
      else {
        yield chartOf(list, order).text
        yield rulesOf(groups.rule.sorted(), samples).text
        yield tableOf('Techniques', groups.technique.sorted(), 'technique').text
        yield tableOf('Hosts', groups.host.sorted(), 'host').text
        yield* timelineOf(list, order)
      }
      yield unreadableOf(outcome).text
      yield html`<footer>Made by Vedette ${outcome.version} at ${instant(outcome.nowMs)}</footer></main></body></html>
`.text
    },
    [Symbol.dispose]: () => list[Symbol.dispose](),
  }
}

function headOf({ summary, paths }: HuntOutcome, levels: ReadonlyMap<Severity, number>): Html {
  const { events, matches, rules, files, passedOver, seconds, aborted } = summary
  const card = (value: string, name: string) =>
    html`<div class="card"><b>${value}</b><span>${name}</span></div>`
  const most = Math.max(1, ...levels.values())
  const rows = severities.toReversed().map((level) => {
    const number = levels.get(level) ?? 0
    const width = number === 0 ? 0 : Math.max(1, Math.round((number / most) * 100))
    return html`<tr>
      <th>${badge(level)}</th>
      <td class="bar"><i class="${level}" style="width:${width}%"></i></td>
      <td class="number">${count(number)}</td>
    </tr>`
  })
  return html`<header>
      <h1>Hunt</h1>
      <p class="where">${paths.join(', ') || 'Stored events'}</p>
      ${aborted ? html`<p class="warning">Ended before everything was searched.</p>` : undefined}
    </header>
    <section class="cards">
      ${[
        card(count(matches), matches === 1 ? 'match' : 'matches'),
        card(count(events), 'events judged'),
        card(count(rules), 'rules'),
        card(count(files - passedOver), 'files'),
        card(seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(0), 'seconds'),
      ]}
    </section>
    <section class="levels">
      <table>
        ${rows}
      </table>
    </section>`
}

/** How many matches there were when: bars over the time that the matches span. */
function chartOf(list: MatchList, order: Uint32Array): Html {
  const times = [...order].flatMap((place) => list.timeAt(place) ?? [])
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined || first === last) return html``
  const counts = Array.from({ length: BARS }, () => 0)
  for (const time of times) {
    const bar = Math.min(BARS - 1, Math.floor(((time - first) / (last - first)) * BARS))
    counts[bar] = (counts[bar] ?? 0) + 1
  }
  const most = Math.max(...counts)
  const bars = counts.map((number, i) => {
    const height = number === 0 ? 0 : Math.max(2, (number / most) * 100)
    const from = instant(first + ((last - first) * i) / BARS)
    return html`<rect x="${i * 10}" y="${100 - height}" width="8" height="${height}" rx="1"
      ><title>${count(number)} from ${from} on</title></rect
    >`
  })
  return html`<section>
    <h2>When</h2>
    <svg
      class="chart"
      viewBox="0 0 ${BARS * 10} 100"
      preserveAspectRatio="none"
      role="img"
      aria-label="Matches over time, at most ${count(most)} in a bar"
    >
      ${bars}
    </svg>
    <p class="ends"><span>${instant(first)}</span><span>${instant(last)}</span></p>
  </section>`
}

function rulesOf(groups: readonly Group[], samples: ReadonlyMap<string, readonly HuntMatch[]>): Html {
  const shown = groups.slice(0, MOST.groups).map((group) => {
    const own = samples.get(group.key) ?? []
    const { rule } = group.sample
    const records = own.map(
      (match) =>
        html`<li>
          <p>
            <time>${match.timeMs === undefined ? 'no time' : instant(match.timeMs)}</time>
            <span class="where">${match.file}:${match.record}</span>
          </p>
          <pre>${pretty(match.event)}</pre>
        </li>`,
    )
    const more = group.matches - own.length
    return html`<details>
      <summary>
        ${badge(group.level)}<b>${group.title}</b
        ><span class="techniques">${rule.techniques.map(({ id }) => html`<code>${id}</code>`)}</span
        ><span class="number">${count(group.matches)}</span>
      </summary>
      <div class="rule">
        <p>${rule.explanation}</p>
        <p class="where">
          ${rule.id} · ${span(group)} · ${count(group.hosts.size)}
          ${group.hosts.size === 1 ? 'host' : 'hosts'}${
            group.hosts.size > 0 && group.hosts.size <= 8 ? `: ${[...group.hosts].join(', ')}` : ''
          }
        </p>
        ${
          rule.falsePositives.length > 0
            ? html`<p class="where">Harmless when: ${rule.falsePositives.join('; ')}</p>`
            : undefined
        }
        <ol>
          ${records}
        </ol>
        ${more > 0 ? html`<p class="where">and ${count(more)} more</p>` : undefined}
      </div>
    </details>`
  })
  return html`<section>
    <h2>Rules</h2>
    ${shown}${moreThan(groups.length, MOST.groups)}
  </section>`
}

function tableOf(title: string, groups: readonly Group[], by: 'technique' | 'host'): Html {
  const rows = groups
    .slice(0, MOST.groups)
    .map(({ key, title: name, level, matches, rules, hosts, ...rest }) => {
      const what =
        by === 'host'
          ? html`${name || 'not said'}`
          : html`<code>${key || '-'}</code> ${name === key ? '' : name}`
      const other = by === 'host' ? techniquesOf(rules).length : hosts.size
      return html`<tr>
        <td>${badge(level)}</td>
        <td class="wide">${what}</td>
        <td class="number">${count(matches)}</td>
        <td class="number">${count(rules.size)}</td>
        <td class="number">${count(other)}</td>
        <td class="where">${span(rest)}</td>
      </tr>`
    })
  const third = by === 'host' ? 'Techniques' : 'Hosts'
  return html`<section>
    <h2>${title}</h2>
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th>Level</th>
            <th>${by === 'host' ? 'Host' : 'Technique'}</th>
            <th class="number">Matches</th>
            <th class="number">Rules</th>
            <th class="number">${third}</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${moreThan(groups.length, MOST.groups)}
  </section>`
}

function* timelineOf(list: MatchList, order: Uint32Array): Iterable<string> {
  yield html`<section>
    <h2>Timeline</h2>
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th>Time</th>
            <th>Level</th>
            <th>Host</th>
            <th>Rule</th>
            <th>What</th>
            <th>Record</th>
          </tr>
        </thead>
        <tbody></tbody>
      </table>
    </div>
  </section> `.text
  for (const place of order.subarray(0, MOST.timeline)) {
    const { rule, timeMs, host, file, record, event } = list.at(place)
    yield html`<tr>
      <td class="where">${timeMs === undefined ? '-' : instant(timeMs)}</td>
      <td>${badge(rule.severity)}</td>
      <td>${host || '-'}</td>
      <td>${rule.title}</td>
      <td class="wide"><code>${gistOf(event)}</code></td>
      <td class="where">${file}:${record}</td>
    </tr> `.text
  }
  yield html`</tbody></table></div>${moreThan(order.length + list.refused, MOST.timeline)}</section>`.text
}

function unreadableOf({ summary, unreadable, start }: HuntOutcome): Html {
  const faults = new Set(start.problems.map(({ file }) => file)).size
  const rules =
    faults === 0
      ? undefined
      : html`<p class="warning">
          ${count(faults)} ${faults === 1 ? 'file' : 'files'} of rules did not load.
        </p>`
  if (summary.unreadable === 0) return rules ?? html``
  const lines = unreadable.slice(0, MOST.unreadable).map(
    ({ file, offset, reason }) =>
      html`<li>
        <span class="where">${file}${offset === undefined ? '' : `, byte ${offset}`}</span>
        ${reason.replaceAll('-', ' ')}
      </li>`,
  )
  return html`<section>
    <h2>Not read</h2>
    ${rules}
    <ul>
      ${lines}
    </ul>
    ${moreThan(summary.unreadable, MOST.unreadable)}
  </section>`
}

function moreThan(all: number, shown: number): Html | undefined {
  return all > shown
    ? html`<p class="where">and ${count(all - shown)} more, which the formats csv and ndjson hold</p>`
    : undefined
}

function badge(level: Severity): Html {
  return html`<span class="badge ${level}">${level}</span>`
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

function pretty(event: string): Html {
  const text = JSON.stringify(JSON.parse(event), null, 2)
  const shown = text.length > MOST.eventLength ? `${text.slice(0, MOST.eventLength)}…` : text
  // Line by line: the breaks between them are ours and stay.
  return new Html(
    shown
      .split('\n')
      .map((line) => html`${line}`.text)
      .join('\n'),
  )
}
