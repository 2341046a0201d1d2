import type { AlertRow } from '../../api/documents.ts'
import { countedValues, fieldWords } from './fields.ts'
import type { Mark } from '../../text/hidden.ts'

/** Parents that a row names before the process itself. */
const PARENTS = 2
const LEAD = 16
const LONGEST = 160
/** Values that a row of no process names, and how much of each. */
const MOST = 3
const LONGEST_VALUE = 60

/** What a row shows of how an alert came about: the nearest parents, and the text that matched. */
export interface Excerpt {
  readonly parents: readonly string[]
  readonly text: string
  readonly marks: readonly Mark[]
  /** Text was left out before it. */
  readonly cut: boolean
}

/** The part of the command line, or of the value that matched, that explains the alert. */
export function excerptOf(
  alert: Pick<AlertRow, 'process' | 'ancestry' | 'matches' | 'entity' | 'aggregate'>,
): Excerpt {
  const { process } = alert
  const parents = alert.ancestry
    .filter(({ pid }) => pid > 1)
    .map(({ name }) => name)
    .filter((name, at, names) => name !== names[at - 1])
    .slice(0, PARENTS)
    .toReversed()
  const commandLine = process?.cmd_line ?? ''
  const inCommand = alert.matches.filter(
    ({ field, value }) => field === 'process.cmd_line' && value === commandLine,
  )
  if (commandLine !== '' && inCommand.length > 0) {
    const marks = inCommand.map(({ value, start, length }) => ({
      start: start ?? 0,
      length: length ?? value.length,
    }))
    return { parents, ...windowOf(commandLine, marks) }
  }
  const [match] = alert.matches
  if (process && match && match.value !== process?.name) {
    const marks = [{ start: match.start ?? 0, length: match.length ?? match.value.length }]
    return { parents: [...parents, process.name], ...windowOf(match.value, marks) }
  }
  if (process) {
    const text = commandLine === '' ? process.name : commandLine
    const whole = match ? [{ start: 0, length: process.name.length }] : []
    return { parents, ...windowOf(text, text.startsWith(process.name) ? whole : []) }
  }
  return { parents: [], ...worded(alert) }
}

/** For what is about no process: the values that matched and were counted, each with what it is. */
function worded({ matches, aggregate, entity }: Pick<AlertRow, 'matches' | 'aggregate' | 'entity'>) {
  const counted = countedValues(aggregate).filter(
    ([name, value]) => name !== 'count' && !matches.some((match) => match.value === value),
  )
  const values = [...matches.map(({ field, value }) => [field, value] as const), ...counted].slice(0, MOST)
  if (values.length === 0) return windowOf(entity, [])
  let text = ''
  const marks: Mark[] = []
  for (const [field, value] of values) {
    text += `${text === '' ? '' : ', '}${fieldWords(field)} `
    const shown = value.slice(0, LONGEST_VALUE)
    marks.push({ start: text.length, length: shown.length })
    text += shown
  }
  return { text, marks, cut: false }
}

/** Begins a little before the first mark, so that it is seen in a narrow column. */
function windowOf(text: string, marks: readonly Mark[]): Omit<Excerpt, 'parents'> {
  const first = marks.length === 0 ? 0 : Math.max(0, Math.min(...marks.map(({ start }) => start)))
  const from = first > 2 * LEAD ? first - LEAD : 0
  return {
    text: text.slice(from, from + LONGEST),
    marks: marks.map(({ start, length }) => ({ start: start - from, length })),
    cut: from > 0,
  }
}
