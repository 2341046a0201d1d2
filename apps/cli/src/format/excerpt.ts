import { visible } from '@vedette/base/visible'
import type { Style } from './style.ts'

/** Characters of a line that are shown, around the caret. */
const WIDTH = 100

/**
 * A line of a file with a caret under a column of it, both counted from 1:
 *
 *     12 |   CommandLine|contians: foo
 *        |   ^
 *
 * Undefined where there is no such line. Characters that would not be seen are written out and do not move the caret.
 */
export function caretExcerpt(
  lines: readonly string[],
  line: number,
  column: number,
  style: Style,
): string | undefined {
  const text = lines[line - 1]
  if (text === undefined) return undefined
  const from = Math.max(0, Math.min(text.length, column - 1) - WIDTH / 2)
  const before = visible(text.slice(from, column - 1).replaceAll('\t', ' '))
  const after = visible(text.slice(column - 1, from + WIDTH).replaceAll('\t', ' '))
  const number = String(line)
  const margin = ' '.repeat(number.length)
  const start = from > 0 ? '…' : ''
  const end = text.length > from + WIDTH ? '…' : ''
  return [
    `  ${style.dim(`${number} |`)} ${start}${before}${after}${end}`,
    `  ${style.dim(`${margin} |`)} ${' '.repeat(start.length + before.length)}${style.bad('^')}`,
  ].join('\n')
}
