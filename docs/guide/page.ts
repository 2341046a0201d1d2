import { readFileSync } from 'node:fs'

/** A fenced block of a page: its language and, for the text of a file, where the page says that it stands. */
export interface Block {
  readonly language: string
  readonly path?: string
  readonly text: string
}

/** The fenced blocks of a page, in their order. */
export function blocksOf(page: string): Block[] {
  return [...readFileSync(page, 'utf8').matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(
    ([, language = '', path, text = '']) => ({ language, ...(path !== undefined && { path }), text }),
  )
}

/** The lines of `console` blocks that a reader types. */
export function commandsOf(blocks: readonly Block[]): string[] {
  return blocks
    .filter(({ language }) => language === 'console')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2))
}

/**
 * A text after a block in the form of a difference: a line with `-` is taken out, and those with `+` come where it was,
 * or after the line above them, which the text has once.
 */
export function edited(text: string, difference: string): string {
  const lines = text.split('\n')
  let at = -1
  for (const line of difference.trimEnd().split('\n')) {
    const [sign, rest] = [line[0], line.slice(1)]
    if (sign === '+') {
      at += 1
      lines.splice(at, 0, rest)
      continue
    }
    const found = lines.indexOf(rest)
    if (found < 0 || lines.indexOf(rest, found + 1) >= 0) {
      throw new RangeError(`the file does not have this line once: ${rest}`)
    }
    at = sign === '-' ? found - 1 : found
    if (sign === '-') lines.splice(found, 1)
  }
  return lines.join('\n')
}
