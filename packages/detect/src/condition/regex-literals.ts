/**
 * Folded texts of which one stands in whatever a pattern in RE2's syntax matches; undefined where none can be told. So a
 * text without any of them need not be searched.
 *
 * Only what surely has to be there is taken: plain characters that follow each other, outside of what is optional. The
 * case does not count, since the texts are folded.
 */
export function requiredTexts(pattern: string): readonly string[] | undefined {
  const reader: Reader = { pattern, at: 0 }
  try {
    const texts = alternatives(reader, 0)
    return reader.at === pattern.length ? texts : undefined
  } catch (error) {
    if (error instanceof Unknown) return undefined
    throw error
  }
}

interface Reader {
  readonly pattern: string
  at: number
}

/** Syntax that is not understood here, though RE2 may. */
class Unknown extends Error {}

const DEEPEST = 50
const MOST_TEXTS = 100

/** One of these texts is there; undefined: nothing is known to be. */
type Required = readonly string[] | undefined

function alternatives(reader: Reader, depth: number): Required {
  if (depth > DEEPEST) throw new Unknown()
  let all: string[] | undefined = []
  for (;;) {
    const texts = sequence(reader, depth)
    all = texts && all && all.length + texts.length <= MOST_TEXTS ? [...all, ...texts] : undefined
    if (reader.pattern[reader.at] !== '|') return all
    reader.at += 1
  }
}

function sequence(reader: Reader, depth: number): Required {
  let best: Required
  let run = ''
  const consider = (texts: Required) => {
    if (texts && (!best || worth(texts) > worth(best))) best = texts
  }
  const endRun = () => {
    if (run !== '') consider([run])
    run = ''
  }
  while (reader.at < reader.pattern.length) {
    const next = reader.pattern[reader.at]
    if (next === '|' || next === ')') break
    const atom = readAtom(reader, depth)
    const least = leastRepetitions(reader)
    if (typeof atom === 'string') {
      if (least === undefined) {
        run += atom
      } else {
        if (least > 0) run += atom
        endRun()
      }
    } else {
      endRun()
      if (atom && least !== 0) consider(atom.texts)
    }
  }
  endRun()
  return best
}

/** A plain character, folded; a group with what it requires; or undefined for anything else. */
function readAtom(reader: Reader, depth: number): string | { readonly texts: Required } | undefined {
  const { pattern } = reader
  const character = pattern.charAt(reader.at)
  reader.at += 1
  switch (character) {
    case '(': {
      if (pattern[reader.at] === '?') {
        // Flags, `(?i)` and `(?i:`, and names, `(?P<name>` and `(?<name>`.
        const head = /^\?(?:P?<\w+>|[imsU-]*:|[imsU-]*\))/.exec(pattern.slice(reader.at, reader.at + 64))
        if (!head) throw new Unknown()
        reader.at += head[0].length
        if (head[0].endsWith(')')) return undefined
      }
      const texts = alternatives(reader, depth + 1)
      if (pattern[reader.at] !== ')') throw new Unknown()
      reader.at += 1
      return { texts }
    }
    case '[':
      skipClass(reader)
      return undefined
    case '\\': {
      const escaped = pattern.charAt(reader.at)
      reader.at += 1
      if (/[dDwWsSbBAznrtfva]/.test(escaped)) return undefined
      if (/[!-/:-@[-`{-~]/.test(escaped)) return escaped
      throw new Unknown()
    }
    case '.':
    case '^':
    case '$':
      return undefined
    case '*':
    case '+':
    case '?':
      throw new Unknown()
    default: {
      const code = character.charCodeAt(0)
      // Outside ASCII a letter may have more forms than the folding knows.
      return code >= 0x20 && code < 0x7f ? character.toLowerCase() : undefined
    }
  }
}

/** How often what stood before has to be there at least; undefined without a quantifier. */
function leastRepetitions(reader: Reader): number | undefined {
  const found = /^(?:[*+?]|\{(\d{1,4})(?:,\d{0,4})?\})\??/.exec(
    reader.pattern.slice(reader.at, reader.at + 16),
  )
  if (!found) return undefined
  reader.at += found[0].length
  if (found[1] !== undefined) return Number(found[1])
  return found[0].startsWith('+') ? 1 : 0
}

function skipClass(reader: Reader): void {
  const { pattern } = reader
  if (pattern[reader.at] === '^') reader.at += 1
  if (pattern[reader.at] === ']') reader.at += 1
  while (reader.at < pattern.length) {
    const character = pattern[reader.at]
    reader.at += 1
    if (character === ']') return
    if (character === '\\') reader.at += 1
    else if (character === '[' && pattern[reader.at] === ':') {
      const end = pattern.indexOf(':]', reader.at)
      if (end < 0) throw new Unknown()
      reader.at = end + 2
    }
  }
  throw new Unknown()
}

/** Long texts are rare in what is searched, and many of them are less rare than one. */
function worth(texts: readonly string[]): number {
  return Math.min(...texts.map(({ length }) => length)) - texts.length / 10
}
