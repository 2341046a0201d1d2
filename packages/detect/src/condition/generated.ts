import type { Condition } from './condition.ts'
import { TEXT_SEPARATOR } from '../fields/event-view.ts'
import type { EntryTest } from '../candidates/field-column.ts'
import type { Field } from '../fields/field.ts'
import type { FormulaParts, Prepared, RuleTest } from '../candidates/lane.ts'
import { textTest } from './comparison.ts'

/** So many alternatives of one kind are a set or a loop over a list instead of code for each. */
const MANY = 12

let possible: boolean | undefined

/** Whether code may be made of text here; `node --disallow-code-generation-from-strings` forbids it. */
export function canGenerate(): boolean {
  if (possible === undefined) {
    try {
      // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval, typescript/no-unsafe-call -- asks whether it may
      possible = new Function('return true')() === true
    } catch {
      possible = false
    }
  }
  return possible
}

/** A formula as code over the entries of its columns. */
export function generateFormula(formula: Prepared, { entries, entry, columns }: FormulaParts): RuleTest {
  const slots = new Map<number, string>()
  const pairs: RuleTest[] = []
  const write = (part: Prepared): string => {
    switch (part.op) {
      case 'and':
        return part.of.length === 0 ? 'true' : `(${part.of.map(write).join('&&')})`
      case 'or':
        return part.of.length === 0 ? 'false' : `(${part.of.map(write).join('||')})`
      case 'not':
        return `!(${write(part.of)})`
      case 'value': {
        const { slot } = part.column
        slots.set(slot, `c${slot}`)
        return `c${slot}.holds(entries[${slot}]??entry(${slot}),${part.number})`
      }
      default:
        pairs.push(part.test)
        return `pairs[${pairs.length - 1}]()`
    }
  }
  const body = write(formula)
  const constants = [...slots].map(([slot, name]) => `const ${name}=columns[${slot}];`).join('')
  return make(`${constants}return()=>${body}`, { entries, entry, columns, pairs }) as RuleTest
}

/**
 * A condition of one field as code, for values that are text; `closure` judges the others.
 */
export function generateTest(condition: Condition<Field>, closure: EntryTest): EntryTest {
  if (isOfWholeText(condition)) {
    const joined: Writer = { given: [], usesText: false, usesFolded: false }
    const code = writeCondition(condition, joined)
    const reads = `const t=e.joined;${joined.usesFolded ? 'const f=e.joinedFolded;' : ''}`
    return make(`return(e)=>{${reads}return ${code}}`, { given: joined.given }) as EntryTest
  }
  const writer: Writer = { given: [], usesText: false, usesFolded: false }
  const body = writeCondition(condition, writer)
  if (body === undefined) return closure
  const reads =
    `const t=e.text();if(typeof t!=='string')return closure(e);` +
    (writer.usesFolded ? 'const f=e.folded();' : '')
  return make(`return(e)=>{${reads}return ${body}}`, { closure, given: writer.given }) as EntryTest
}

/** Whether a condition on every text of an event can as well be asked of all of them joined. */
function isOfWholeText(condition: Condition<Field>): boolean {
  if (condition.op === 'not') return isOfWholeText(condition.of)
  if (condition.op !== 'test') return condition.of.length > 0 && condition.of.every(isOfWholeText)
  const { field, test } = condition
  return (
    field.source.type === 'everywhere' &&
    test.type === 'contains' &&
    test.text !== '' &&
    !test.text.includes(TEXT_SEPARATOR)
  )
}

interface Writer {
  /** What the code uses and cannot say: sets, lists, tests. */
  readonly given: unknown[]
  usesText: boolean
  usesFolded: boolean
}

function writeCondition(condition: Condition<Field>, writer: Writer): string | undefined {
  switch (condition.op) {
    case 'and':
    case 'or': {
      if (condition.of.length === 0) return condition.op === 'and' ? 'true' : 'false'
      const written: string[] = []
      const many = condition.op === 'or' ? gatherMany(condition.of, writer, written) : new Set()
      for (const part of condition.of) {
        if (many.has(part)) continue
        const one = writeCondition(part, writer)
        if (one === undefined) return undefined
        written.push(one)
      }
      return `(${written.join(condition.op === 'and' ? '&&' : '||')})`
    }
    case 'not': {
      const one = writeCondition(condition.of, writer)
      return one === undefined ? undefined : `!(${one})`
    }
    default:
      return writeTest(condition, writer)
  }
}

function writeTest({ test }: Condition<Field> & { op: 'test' }, writer: Writer): string | undefined {
  switch (test.type) {
    case 'equals':
      return `${variable(test.cased, writer)}===${JSON.stringify(test.text)}`
    case 'contains':
    case 'starts':
    case 'ends': {
      const method = { contains: 'includes', starts: 'startsWith', ends: 'endsWith' }[test.type]
      return `${variable(test.cased, writer)}.${method}(${JSON.stringify(test.text)})`
    }
    case 'wildcards':
    case 'regex':
    case 'cidr': {
      const cased = test.type !== 'wildcards' || test.cased
      writer.given.push(textTest(test))
      return `given[${writer.given.length - 1}](${variable(cased, writer)})`
    }
    // A value that is text is there and not null.
    case 'exists':
      return String(test.expected)
    case 'null':
      return 'false'
    default:
      return undefined
  }
}

/** Writes alternatives of which there are many of one kind; returns them. */
function gatherMany(
  parts: readonly Condition<Field>[],
  writer: Writer,
  written: string[],
): ReadonlySet<Condition<Field>> {
  const done = new Set<Condition<Field>>()
  for (const type of ['equals', 'contains', 'starts', 'ends'] as const) {
    const alike = parts.filter((part) => part.op === 'test' && part.test.type === type && !part.test.cased)
    if (alike.length < MANY) continue
    const texts = alike.flatMap((part) =>
      part.op === 'test' && part.test.type === type ? [part.test.text] : [],
    )
    writer.given.push(type === 'equals' ? new Set(texts) : texts)
    const given = `given[${writer.given.length - 1}]`
    const text = variable(false, writer)
    const method = { contains: 'includes', starts: 'startsWith', ends: 'endsWith' }
    written.push(
      type === 'equals' ? `${given}.has(${text})` : `${given}.some((x)=>${text}.${method[type]}(x))`,
    )
    for (const part of alike) done.add(part)
  }
  return done
}

function variable(cased: boolean, writer: Writer): string {
  if (!cased) writer.usesFolded = true
  return cased ? 't' : 'f'
}

/** Code over names. Texts of rules enter it only as JSON. */
function make(body: string, names: Readonly<Record<string, unknown>>): unknown {
  // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval, typescript/no-unsafe-call -- what it is for
  return new Function(...Object.keys(names), `'use strict';${body}`)(...Object.values(names)) as unknown
}
