import { wrap } from './wrap.ts'

/** A value of the configuration; key and origin are safe for the terminal already. */
export interface Setting {
  readonly key: string
  readonly value: unknown
  readonly from: string
}

const INDENT = '    '

/**
 * One setting a line: key, value, origin. A value that is too long for it follows on lines of its own, a list with
 * commas between its items.
 *
 * @param safe makes a text of a value safe for the terminal
 */
export function settingLines(
  settings: readonly Setting[],
  width: number,
  safe: (text: string) => string,
  dim: (text: string) => string,
): string[] {
  return settings.flatMap(({ key, value, from }) => {
    const text = (item: unknown) => safe(JSON.stringify(item))
    const items = Array.isArray(value) ? value.map(text) : [text(value)]
    const whole = Array.isArray(value) ? `[${items.join(', ')}]` : items.join()
    if (key.length + 2 + whole.length + 2 + from.length <= width) return [`${key}: ${whole}  ${dim(from)}`]
    const folded = items.length === 1 ? items : wrap(items.join(', '), width - INDENT.length)
    return [`${key}:  ${dim(from)}`, ...folded.map((line) => INDENT + line)]
  })
}
