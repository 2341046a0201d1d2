/** A number as JSON would write it: other ways to write one (`0x10`, `007`, `1.50`, `1e5`) say more than the number. */
export const PLAIN_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

const WORDS: ReadonlyMap<string, null | boolean> = new Map([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
])

/**
 * What a scalar without quotes stands for: null, true and false as YAML 1.2 has them, and a number only where its text is
 * the one that JSON would write. Anything else is its text, so that what a rule compares is what its author wrote.
 */
export function scalarOf(text: string): string | number | boolean | null {
  const word = WORDS.get(text)
  return word === undefined ? numberOf(text) : word
}

/** The number, where its text is the one that JSON would write; otherwise the text. */
export function numberOf(text: string): string | number {
  if (!PLAIN_NUMBER.test(text)) return text
  const number = Number(text)
  return String(number) === text ? number : text
}
