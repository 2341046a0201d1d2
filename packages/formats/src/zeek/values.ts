export type ZeekScalar = string | number | boolean
export type ZeekValue = ZeekScalar | readonly (ZeekScalar | null)[]

const NUMBERS = new Set(['time', 'interval', 'count', 'int', 'port', 'double'])

/** How values of a type (`addr`, `set[string]`, `vector[interval]`) are read. */
export function parserOf(
  type: string,
  setSeparator: string,
  empty: string,
  unset: string,
): (text: string) => ZeekValue {
  const inner = /^(?:set|vector|table)\[(.+)\]$/.exec(type)?.[1]
  const scalar = scalarParser(inner ?? type)
  if (inner === undefined) return (text) => (text === empty ? '' : scalar(text))
  return (text) =>
    text === empty
      ? []
      : text.split(setSeparator || ',').map((item) => (item === unset ? null : scalar(item)))
}

function scalarParser(type: string): (text: string) => ZeekScalar {
  if (type === 'bool') return (text) => (text === 'T' ? true : text === 'F' ? false : text)
  if (!NUMBERS.has(type)) return unescapeZeek
  return (text) => {
    const number = Number(text)
    // Beyond 2^53 the digits say more than the number.
    return text === '' ||
      !Number.isFinite(number) ||
      (Number.isInteger(number) && !Number.isSafeInteger(number))
      ? text
      : number
  }
}

/**
 * Zeek writes a backslash twice, and separators and what is not printable as `\x09`. Printable characters and white space
 * come back; other bytes stay as they are written, as Zeek's JSON has them.
 */
function unescapeZeek(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:\\|x([0-9a-fA-F]{2}))/g, (whole, hex: string | undefined) => {
    if (hex === undefined) return '\\'
    const code = Number.parseInt(hex, 16)
    return (code >= 32 && code < 127) || code === 9 || code === 10 || code === 13
      ? String.fromCharCode(code)
      : whole
  })
}
