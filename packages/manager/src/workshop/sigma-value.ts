const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi
/** Digests and other long numbers in hexadecimal; at least one digit, so that no word is taken. */
const LONG_HEX = /\b(?=[a-f]*\d)[0-9a-f]{16,}\b/gi
/** Seconds, milliseconds, microseconds or nanoseconds since the epoch. */
const EPOCH = /(?<!\d)1[5-9]\d{8}(?:\d{3}){0,3}(?!\d)/g
const DATE = /\b20\d\d-\d\d-\d\d(?:[T_ ]\d\d[:.-]?\d\d(?:[:.-]?\d\d)?)?/g
/** What mktemp(1) and Python's tempfile put behind their prefix. */
const TEMPORARY =
  /(?<=\/tmp[.\w-]*?[./](?:tmp\.?|[\w-]+\.))[A-Za-z0-9]{6,12}(?=\/|$)|(?<=\/tmp)[a-z0-9_]{8}(?=\/|$)/g
const PROC = /(?<=\/proc\/)\d+(?=\/|$)/g

const LONGEST = 1000

/** Text as a value of Sigma that means that text and nothing else. */
export function escapeSigma(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&')
}

/**
 * Text as a value of Sigma, with a `*` for what chance had a hand in: process ids, times, random names. What is over 1000
 * characters may go on in any way.
 *
 * @param chance numbers and names that are known to be of this one case, such as its process ids
 */
export function withoutChance(text: string, chance: readonly string[] = []): string {
  const cut = text.slice(0, LONGEST)
  const spans: [start: number, end: number][] = []
  for (const pattern of [UUID, LONG_HEX, EPOCH, DATE, TEMPORARY, PROC]) {
    for (const { index, 0: found } of cut.matchAll(pattern)) spans.push([index, index + found.length])
  }
  for (const one of chance) {
    if (one.length < 3) continue
    for (let at = cut.indexOf(one); at >= 0; at = cut.indexOf(one, at + one.length)) {
      const around = `${cut[at - 1] ?? ''} ${cut[at + one.length] ?? ''}`
      if (!/\d/.test(around)) spans.push([at, at + one.length])
    }
  }
  spans.sort((a, b) => a[0] - b[0])
  let value = ''
  let at = 0
  for (const [start, end] of spans) {
    if (end <= at) continue
    if (start > at) value += escapeSigma(cut.slice(at, start))
    if (!value.endsWith('*') || value.endsWith('\\*')) value += '*'
    at = end
  }
  value += escapeSigma(cut.slice(at))
  return text.length > LONGEST ? `${value}*` : value
}
