import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CorrelationNetwork, loadRules, type RuleHit } from '@vedette/detect'
import { quantile, report } from './figures.ts'

/**
 * How many hits a second correlations judge on one core: event_count over 1,000 groups, value_count at 1,800 different
 * values in the window, and the rest. Every hit has an id, by which one that comes again would be known. Each figure is
 * by the time that the process had on a core, garbage collection with it, as others may use the machine: the median of
 * several rounds, and the least. `--save` keeps them.
 */

const HITS = 500_000
const ROUNDS = 5

const part = (name: string) => `
title: ${name}
name: ${name}
id: ${name}
logsource: { product: windows }
detection: { selection: { EventID: 1 }, condition: selection }
---`

const correlations: Readonly<Record<string, string>> = {
  event_count: 'type: event_count, condition: { gte: 100 }, group-by: [User], timespan: 1m',
  value_count: 'type: value_count, condition: { field: Port, gte: 100000 }, group-by: [Host], timespan: 1h',
  value_sum: 'type: value_sum, condition: { field: Bytes, gte: 1e15 }, group-by: [User], timespan: 1m',
  value_percentile:
    'type: value_percentile, condition: { field: Bytes, gte: 1e15, percentile: 95 }, group-by: [User], timespan: 1m',
  temporal: 'type: temporal, group-by: [User], timespan: 5s',
  temporal_ordered: 'type: temporal_ordered, group-by: [User], timespan: 5s',
}

/** Hits a millisecond apart. */
class Hits implements RuleHit<number> {
  rule = 'a'
  time = 0
  id = ''
  item = 0
  readonly #users = Array.from({ length: 1000 }, (_, i) => `user-${i}`)
  readonly #ports = Array.from({ length: 1800 }, (_, i) => String(i))

  turn(n: number, rule: string): this {
    this.rule = rule
    this.time = n
    this.id = `event-${n}`
    this.item = n
    return this
  }

  read(name: string): string | undefined {
    switch (name) {
      case 'User':
        return this.#users[this.item % 1000]
      case 'Port':
        return this.#ports[this.item % 1800]
      case 'Bytes':
        return this.#ports[(this.item * 7919) % 1800]
      default:
        return 'host'
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
try {
  const figures: Record<string, unknown> = {}
  for (const [name, body] of Object.entries(correlations)) {
    const rules = name.startsWith('temporal') ? ['a', 'b', 'c'] : ['a']
    const parts = rules.map((rule) => part(rule)).join('')
    const text = `${parts}\ntitle: ${name}\nid: top\ncorrelation: { rules: [${rules.join(', ')}], ${body} }\n`
    writeFileSync(join(folder, 'rules.yml'), text.replaceAll('1e15', '1000000000000000'))
    const loaded = await loadRules([folder])
    if (loaded.problems.length > 0) throw new Error(JSON.stringify(loaded.problems))
    const network = new CorrelationNetwork<number>(loaded.correlations)
    const hits = new Hits()
    const speeds: number[] = []
    let fired = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const started = process.cpuUsage()
      for (let n = round * HITS; n < (round + 1) * HITS; n += 1) {
        // Two of three rules only, for the temporal ones: the window is kept, and few of them fire.
        const rule = rules.length === 1 ? 'a' : n % 10_000 === 9999 ? 'c' : n % 2000 < 1000 ? 'a' : 'b'
        fired += network.judge(hits.turn(n, rule)).length
      }
      const { user, system } = process.cpuUsage(started)
      speeds.push(HITS / ((user + system) / 1e6))
    }
    figures[name] = {
      leastPerSecond: Math.round(Math.min(...speeds)),
      medianPerSecond: Math.round(quantile(speeds, 0.5)),
      fired,
      ...network.states()[0],
      info: undefined,
    }
  }
  report('correlation', figures)
} finally {
  rmSync(folder, { recursive: true })
}
