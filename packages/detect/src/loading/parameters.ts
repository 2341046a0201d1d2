/** Values that rules take from the configuration: `%port_scan_threshold%` in a rule stands for one of these. */
export type Parameters = Readonly<Record<string, ParameterValue>>
export type ParameterValue = string | number | readonly (string | number)[]

const PLACEHOLDER = /%([A-Za-z][\w-]*)%/g

/** Names of the placeholders in a text. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(({ 1: name = '' }) => name)
}

/**
 * The text with each placeholder replaced, once for each value of its list, in every combination; undefined where there
 * would be more than 10 000. A placeholder without a value (see `missingIn`) stays as it is.
 */
export function expand(text: string, parameters: Parameters): string[] | undefined {
  let texts = ['']
  let from = 0
  for (const found of text.matchAll(PLACEHOLDER)) {
    const name = found[1] ?? ''
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    const values = value === undefined ? [found[0]] : typeof value === 'object' ? value : [value]
    const before = text.slice(from, found.index)
    if (texts.length * values.length > 10_000) return undefined
    texts = texts.flatMap((start) => values.map((one) => `${start}${before}${one}`))
    from = found.index + found[0].length
  }
  return texts.map((start) => start + text.slice(from))
}

/** Placeholders of a text that have no value. */
export function missingIn(text: string, parameters: Parameters): string[] {
  return placeholdersIn(text).filter((name) => !Object.hasOwn(parameters, name))
}
