import type { AlertRow } from '../../api/documents.ts'
import type { Mark } from '../../text/hidden.ts'
import { countedValues, fieldRank, fieldWords } from './fields.ts'

/** Parents that a row names before the process itself. */
const PARENTS = 2
/** About what a row has room for, of that for the first mark, and the least that is shown before it. */
const ROOM = 46
const ROOM_FOR_MARK = 16
const LEAST_LEAD = 6
const LONGEST = 160
/** A cut is worth its sign only where it saves more than this. */
const WORTH_A_CUT = 3
/** Values that a row names in words, and how much of each. */
const MOST = 2
const LONGEST_VALUE = 60

/** What a row shows of how an alert came about: the nearest parents, and the text that matched. */
export interface Excerpt {
  readonly parents: readonly { readonly name: string; readonly marked: boolean }[]
  readonly text: string
  readonly marks: readonly Mark[]
  /** Text was left out before it. */
  readonly cut: boolean
}

type Source = Pick<AlertRow, 'process' | 'ancestry' | 'matches' | 'entity' | 'aggregate'>

/** The part of the command line, or the values, that explain the alert best. */
export function excerptOf(alert: Source): Excerpt {
  const { process, matches } = alert
  if (!process) return { parents: [], ...wordsOf(alert, MOST + 1) }
  const parents = parentsOf(alert)
  const commandLine = process.cmd_line ?? ''
  const inCommand = matches.filter(
    ({ field, value }) => fieldRank(field) === 0 && value !== '' && commandLine.startsWith(value),
  )
  if (inCommand.length > 0) {
    const marks = inCommand.map(({ value, start, length }) => ({
      start: start ?? 0,
      length: length ?? value.length,
    }))
    return { parents, ...windowOf(commandLine, marks, parents) }
  }
  if (matches.some(({ field }) => fieldRank(field) < 2)) {
    return { parents: [...parents, { name: process.name, marked: false }], ...wordsOf(alert, MOST) }
  }
  // Where the program itself is what matched, its name or path is marked at the head of the command line.
  const text = commandLine === '' ? process.name : commandLine
  const own = matches.filter(({ field }) => /^process\.(?:name|path|file\.)/.test(field))
  const head = own.find(({ value }) => value !== '' && text.startsWith(value))
  if (head) return { parents, ...endOf(text, head.value.length, parents) }
  const path = own.find(({ field }) => field.endsWith('path'))
  if (path) return { parents, ...endOf(path.value, path.value.length, parents) }
  return { parents, ...windowOf(text, []) }
}

function parentsOf({ ancestry, matches }: Source): Excerpt['parents'] {
  const matched = new Set(
    matches.filter(({ field }) => field === 'process.parent_process.name').map(({ value }) => value),
  )
  return ancestry
    .filter(({ pid }) => pid > 1)
    .map(({ name }) => name)
    .filter((name, at, names) => name !== names[at - 1])
    .slice(0, PARENTS)
    .map((name, at) => ({ name, marked: at === 0 && matched.has(name) }))
    .toReversed()
}

/** The values that say the most, each with what it is. */
function wordsOf({ matches, aggregate, entity }: Source, most: number): Omit<Excerpt, 'parents'> {
  const said = matches.map(({ field, value }) => [field, value] as const)
  const counted = countedValues(aggregate).filter(
    ([name, value]) => name !== 'count' && !said.some(([, other]) => other === value),
  )
  const values = [...said, ...counted]
    .filter(([field]) => fieldRank(field) < 2)
    .toSorted(([a], [b]) => fieldRank(a) - fieldRank(b))
    .slice(0, most)
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

/** For a matched path at the head of a text: its end names the program, so that of a long one the head is left out. */
function endOf(text: string, length: number, parents: Excerpt['parents']): Omit<Excerpt, 'parents'> {
  const from = Math.max(0, length - roomAfter(parents))
  const cut = from > WORTH_A_CUT
  return {
    text: text.slice(cut ? from : 0, from + LONGEST),
    marks: [{ start: 0, length: cut ? length - from : length }],
    cut,
  }
}

function roomAfter(parents: Excerpt['parents']): number {
  return Math.max(ROOM_FOR_MARK, ROOM - parents.reduce((sum, { name }) => sum + name.length + 3, 0))
}

/** Begins shortly before the first mark where that would otherwise be beyond the column's end. */
function windowOf(
  text: string,
  marks: readonly Mark[],
  parents: Excerpt['parents'] = [],
): Omit<Excerpt, 'parents'> {
  const [first] = marks.toSorted((a, b) => a.start - b.start)
  const lead = Math.max(LEAST_LEAD, roomAfter(parents) - Math.min(first?.length ?? 0, ROOM_FOR_MARK))
  const from = Math.max(0, (first?.start ?? 0) - lead)
  const cut = from > WORTH_A_CUT
  return {
    text: text.slice(cut ? from : 0, from + LONGEST),
    marks: marks.map(({ start, length }) => ({ start: start - (cut ? from : 0), length })),
    cut,
  }
}
