import { existsSync } from 'node:fs'
import { type Client, graphql } from '@vedette/client'
import {
  type Change,
  type ExplainedItem,
  type ExplainedPart,
  explainRules,
  type RuleExplanation,
  numberedRecords,
  type NumberedRecord,
  readPack,
  toEvent,
  whatWouldChange,
} from '@vedette/manager/workshop'
import type { RuleText } from '@vedette/model'
import { CliError } from '../../../cli-error.ts'
import type { Invocation } from '../../../command.ts'
import { connect } from '../../../connection.ts'
import { type ExitCode, exitCodes } from '../../../exit-codes.ts'
import { count } from '../../../format/quantity.ts'
import { printJson, printLine, safe } from '../../../print.ts'

const ruleText = graphql(`
  query RuleText($id: ID!) {
    rule(id: $id) {
      id
      text
      rule {
        file
      }
    }
    exceptions {
      id
      filter
      in_force
    }
  }
`)

const rulesLike = graphql(`
  query RulesLike($search: String!) {
    rules(search: $search, limit: 20) {
      id
      rule {
        title
      }
    }
  }
`)

const eventData = graphql(`
  query EventData($id: ID!) {
    event(event_id: $id) {
      data
    }
  }
`)

interface ExplainOptions {
  readonly set?: Readonly<Record<string, string | readonly string[]>>
}

/** Which part of a rule's condition an event meets, and which not. */
export async function explain(
  invocation: Invocation,
  { set = {} }: ExplainOptions,
  rule: string,
  place: string,
): Promise<ExitCode> {
  const texts = existsSync(rule)
    ? { texts: (await readPack(rule)).files, filters: [], id: undefined }
    : await inForce(invocation, rule)
  const record = await recordAt(invocation, place)
  const explained = await explainRules(texts.texts, record, { ...texts, parameters: set })
  if (explained.length === 0) {
    throw new CliError(
      'nothing-to-explain',
      exitCodes.failure,
      `There is no rule with a condition in ${safe(rule, 200)}: correlations are explained by the rules that they count`,
    )
  }
  if (invocation.json) {
    printJson(
      invocation,
      explained.map(({ explanation, ...one }) => ({
        ...one,
        ...explanation,
        would_change: whatWouldChange(explanation),
      })),
    )
  } else {
    for (const [index, { title, explanation }] of explained.entries()) {
      if (index > 0) printLine(invocation)
      printExplanation(invocation, title, explanation)
    }
  }
  return exitCodes.ok
}

function printExplanation(invocation: Invocation, title: string, explanation: RuleExplanation): void {
  const { style } = invocation
  const line = (text = '') => printLine(invocation, text)
  const { holds, outside, condition, filters } = explanation
  line(`${holds ? style.good('It fires') : style.bad('It does not fire')}: ${style.bold(safe(title))}`)
  if (outside !== undefined) return line(`  ${safe(outside)}`)
  if (condition) printPart(invocation, condition, 1)
  for (const filter of filters) {
    line(
      `  ${mark(invocation, filter.condition.holds)} ${style.bold(safe(filter.title))}${filter.condition.holds ? '' : ': takes it out'}`,
    )
    printPart(invocation, filter.condition, 2)
  }
  const changes = whatWouldChange(explanation)
  if (changes.length === 0) return
  line()
  line(
    changes.length === 1
      ? 'For it to fire one thing would have to be otherwise:'
      : `For it to fire ${count(changes.length)} things would have to be otherwise:`,
  )
  for (const change of changes.slice(0, 10)) line(`  ${told(change)}`)
}

function printPart(invocation: Invocation, part: ExplainedPart, depth: number): void {
  const { style } = invocation
  const indent = '  '.repeat(depth)
  const name = part.name === undefined ? '' : `${style.bold(safe(part.name))} `
  const write = (text: string) =>
    printLine(invocation, `${indent}${mark(invocation, part.holds)} ${name}${text}`)
  if (part.type === 'item') {
    write(`${asked(part)}  ${style.dim(seen(part))}`)
  } else if (part.type === 'not') {
    write('not')
    printPart(invocation, part.of, depth + 1)
  } else {
    write(part.type === 'all' ? 'all of' : 'one of')
    for (const one of part.of.slice(0, 50)) printPart(invocation, one, depth + 1)
    if (part.of.length > 50)
      printLine(invocation, style.dim(`${indent}  and ${count(part.of.length - 50)} more`))
  }
}

function asked({ key, how, values, valueCount }: ExplainedItem): string {
  const what = key === '' ? 'text' : safe(key, 100)
  const [first] = values
  if (valueCount === 1) return `${what}: ${safe(first?.value, 120)}`
  const shown = values
    .slice(0, 4)
    .map(({ value, holds }) => (holds ? `[${safe(value, 60)}]` : safe(value, 60)))
  const more = valueCount > shown.length ? `, … (${count(valueCount)})` : ''
  return `${what}: ${how === 'all' ? 'all of' : 'one of'} ${shown.join(', ')}${more}`
}

function seen({ key, seen: list }: ExplainedItem): string {
  if (key === '') return ''
  if (list.length === 0) return 'the event has none'
  return `the event has ${list
    .slice(0, 3)
    .map(({ value }) => safe(value, 160))
    .join(' and ')}`
}

function told({ item, within, toHold }: Change): string {
  const where = within.length > 0 ? ` (${within.map((name) => safe(name)).join(', ')})` : ''
  const has = seen(item)
  return `${asked(item)}${where} would have to be ${toHold ? 'met' : 'not met'}${has === '' ? '' : `; ${has}`}`
}

function mark({ style }: Invocation, holds: boolean): string {
  return holds ? style.good('✓') : style.bad('✗')
}

/** A rule in force by its id, or by words of its title. */
async function inForce(
  invocation: Invocation,
  asked: string,
): Promise<{ texts: readonly RuleText[]; filters: readonly RuleText[]; id: string }> {
  using client = connect(invocation.paths)
  const { rule, exceptions } = await client.query(ruleText, { id: await idOf(client, asked) })
  if (!rule) throw noRule(asked)
  if (rule.text === null) {
    throw new CliError(
      'not-found',
      exitCodes.notFound,
      `The file of the rule is gone: ${safe(rule.rule.file)}`,
    )
  }
  return {
    texts: [{ file: rule.rule.file, text: rule.text }],
    filters: exceptions.filter((one) => one.in_force).map(({ id, filter }) => ({ file: id, text: filter })),
    id: rule.id,
  }
}

async function idOf(client: Client, asked: string): Promise<string> {
  const { rules } = await client.query(rulesLike, { search: asked })
  const [first] = rules
  if (rules.length === 1 && first) return first.id
  if (rules.length === 0) throw noRule(asked)
  const exact = rules.find(({ id, rule }) => id === asked || rule.title.toLowerCase() === asked.toLowerCase())
  if (exact) return exact.id
  throw new CliError(
    'ambiguous',
    exitCodes.usage,
    `${rules.length === 20 ? 'Many' : rules.length} rules are like "${safe(asked, 100)}"`,
    `Type more of it: ${rules
      .slice(0, 4)
      .map(({ rule }) => safe(rule.title, 80))
      .join('; ')}`,
  )
}

function noRule(asked: string): CliError {
  return new CliError(
    'not-found',
    exitCodes.notFound,
    `There is no file, and no rule in force, "${safe(asked, 200)}"`,
    "See 'vedette rules list'",
  )
}

/** A stored event by its id, or a record of a file: `FILE` the first, `FILE:7` the one with that number. */
async function recordAt(invocation: Invocation, place: string): Promise<NumberedRecord> {
  const [, file = place, wanted] = /^(.+):(\d+)$/.exec(place) ?? []
  const path = existsSync(place) ? place : file
  if (existsSync(path)) {
    const number = path === place ? undefined : Number(wanted)
    for await (const batch of numberedRecords([path], () => undefined, invocation.signal)) {
      const found = number === undefined ? batch[0] : batch.find((one) => one.number === number)
      if (found) return found
    }
    const what = number === undefined ? 'no records that can be read' : `no record ${number}`
    throw new CliError('not-found', exitCodes.notFound, `There is ${what} in ${safe(path)}`)
  }
  using client = connect(invocation.paths)
  const { event } = await client.query(eventData, { id: place })
  const own = event && toEvent(event.data as Readonly<Record<string, unknown>>)
  if (!own) {
    throw new CliError(
      'not-found',
      exitCodes.notFound,
      `There is no file, and no stored event, ${safe(place, 200)}`,
      "See 'vedette events --json'",
    )
  }
  return { file: '', number: 1, record: {}, source: {}, event: own }
}
