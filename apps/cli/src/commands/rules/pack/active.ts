import { graphql } from '@vedette/client'
import type { Invocation } from '../../../command.ts'
import { connect } from '../../../connection.ts'
import { count } from '../../../format/quantity.ts'
import { exact } from '../../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../../print.ts'
import { plural } from './print-backtest.ts'

const rulePage = graphql(`
  query RulePage($search: String, $limit: Int, $offset: Int) {
    rules(search: $search, limit: $limit, offset: $offset) {
      id
      origin
      hits
      errors
      disabled
      asked
      cost_ms
      groups
      evicted
      exceptions
      rule {
        title
        type
        severity
        file
      }
      techniques {
        id
      }
    }
  }
`)

const packs = graphql(`
  query RulePacks {
    rule_packs {
      number
      time
      actor
      action
      packs {
        name
        number
        source
        digest
        files
        rules
        added_at
      }
    }
  }
`)

const undoRules = graphql(`
  mutation UndoRules {
    undoRules {
      action
      time
    }
  }
`)

const uninstallRules = graphql(`
  mutation UninstallRules($name: String!) {
    uninstallRules(name: $name) {
      action
      packs {
        name
        number
      }
    }
  }
`)

const PAGE = 1000
const MOST_SHOWN = 60

export interface ListOptions {
  readonly search?: string
}

async function allRules(invocation: Invocation, search: string | undefined) {
  using client = connect(invocation.paths)
  const found = []
  for (let offset = 0; ; offset += PAGE) {
    const { rules } = await client.query(rulePage, {
      limit: PAGE,
      offset,
      ...(search !== undefined && { search }),
    })
    found.push(...rules)
    if (rules.length < PAGE) return found
  }
}

/** What is in force, from where, since when, and what it found. */
export async function list(invocation: Invocation, { search }: ListOptions): Promise<void> {
  using client = connect(invocation.paths)
  const { rule_packs: history } = await client.query(packs)
  const rules = await allRules(invocation, search)
  const installed = history[0]?.packs ?? []
  if (invocation.json) {
    printJson(invocation, { packs: installed, rules })
    return
  }
  const { style } = invocation
  const line = (text = '') => printLine(invocation, text)
  const byOrigin = new Map<string, number>()
  for (const { origin } of rules) byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + 1)
  for (const [origin, number] of byOrigin) {
    const pack = installed.find(({ name, number: version }) => `${name}@${version}` === origin)
    const since = pack ? `, since ${exact(Date.parse(pack.added_at))}, from ${safe(pack.source, 120)}` : ''
    line(`${style.bold(safe(origin))}: ${plural(number, 'rule')}${style.dim(since)}`)
  }
  if (rules.length === 0)
    return line(search === undefined ? 'No rules are in force.' : 'No rule is like that.')
  line()
  const sorted = rules.toSorted((a, b) => b.hits - a.hits)
  printTable(
    invocation,
    [
      { title: 'HITS', align: 'right' },
      { title: 'SEVERITY' },
      { title: 'STATE' },
      { title: 'TECHNIQUES' },
      { title: 'FROM' },
      { title: 'RULE', flexible: true },
    ],
    sorted.slice(0, MOST_SHOWN).map(({ hits, rule, techniques, origin, disabled, errors, exceptions }) => [
      count(hits),
      style.severity(rule.severity),
      disabled
        ? style.bad('disabled')
        : errors > 0
          ? style.warn(plural(errors, 'error'))
          : exceptions > 0
            ? plural(exceptions, 'exception')
            : '',
      techniques
        .slice(0, 2)
        .map(({ id }) => id)
        .join(' '),
      safe(origin, 30),
      safe(rule.title, 200),
    ]),
  )
  if (sorted.length > MOST_SHOWN)
    line(style.dim(`and ${count(sorted.length - MOST_SHOWN)} more: --search or --json shows them`))
  line(style.dim('Hits are counted since the server started.'))
}

/** What rules cost in the running server. */
export async function liveCost(invocation: Invocation): Promise<Cost[]> {
  return (await allRules(invocation, undefined)).map(
    ({ id, rule, hits, asked, cost_ms: costMs, disabled }) => ({
      id,
      title: rule.title,
      hits,
      asked,
      cost_ms: costMs,
      disabled,
    }),
  )
}

export interface Cost {
  readonly id: string
  readonly title: string
  readonly hits: number
  readonly asked: number
  readonly cost_ms: number
  readonly disabled: boolean
}

export async function undo(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { undoRules: undone } = await client.mutate(undoRules, {})
  if (invocation.json) return printJson(invocation, undone)
  printLine(
    invocation,
    `Taken back: ${safe(undone.action)} of ${exact(Date.parse(undone.time))}. The rules before are in force.`,
  )
}

export async function uninstall(invocation: Invocation, _options: object, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { uninstallRules: set } = await client.mutate(uninstallRules, { name })
  if (invocation.json) return printJson(invocation, set)
  printLine(invocation, `${safe(name)} is out of force. 'vedette rules undo' puts it back.`)
}
