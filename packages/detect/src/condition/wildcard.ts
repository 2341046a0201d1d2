/** A part of a wildcard pattern: literal text, any text (`*`), or any one UTF-16 unit (`?`). */
export type WildcardPart = string | typeof ANY_TEXT | typeof ANY_ONE
export const ANY_TEXT = Symbol('*')
export const ANY_ONE = Symbol('?')

/**
 * Reads Sigma's wildcard notation: `*` any text, `?` any one character. A backslash before `*`, `?` or `\` makes that
 * character literal; any other backslash is itself literal (Sigma specification 2.1, "Escaping").
 */
export function parseWildcards(text: string): WildcardPart[] {
  const parts: WildcardPart[] = []
  let literal = ''
  const flush = () => {
    if (literal !== '') parts.push(literal)
    literal = ''
  }
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i)
    const next = text.charAt(i + 1)
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next
      i += 1
    } else if (character === '*' || character === '?') {
      flush()
      parts.push(character === '*' ? ANY_TEXT : ANY_ONE)
    } else {
      literal += character
    }
  }
  flush()
  return simplify(parts)
}

/** Joins neighbouring literals and takes `**` for `*`. */
export function simplify(parts: readonly WildcardPart[]): WildcardPart[] {
  const simple: WildcardPart[] = []
  for (const part of parts) {
    const last = simple.at(-1)
    if (typeof part === 'string' && typeof last === 'string') simple[simple.length - 1] = last + part
    else if (part !== ANY_TEXT || last !== ANY_TEXT) simple.push(part)
  }
  return simple
}

/** Literal text between wildcards, longest first. */
export function literalsOf(parts: readonly WildcardPart[]): string[] {
  return parts.filter((part) => typeof part === 'string').sort((a, b) => b.length - a.length)
}

/** A run of literals and `?` between two `*`. */
interface Segment {
  readonly pieces: readonly WildcardPart[]
  readonly length: number
}

/**
 * Compiles parts to a function that gives the position of the matched text from its first to its last literal, or
 * undefined. Each segment is taken at its first possible place (enough, since only `*` stands between segments), so the
 * time is at most the text's length times the pattern's.
 */
export function compileWildcards(
  parts: readonly WildcardPart[],
): (text: string) => readonly [start: number, length: number] | undefined {
  const segments: Segment[] = []
  let pieces: WildcardPart[] = []
  const flush = () => {
    if (pieces.length > 0) {
      const length = pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 1), 0)
      segments.push({ pieces, length })
    }
    pieces = []
  }
  for (const part of parts) {
    if (part === ANY_TEXT) flush()
    else pieces.push(part)
  }
  flush()
  const openStart = parts[0] === ANY_TEXT
  const openEnd = parts.at(-1) === ANY_TEXT

  return (text) => {
    if (segments.length === 0) return openStart || text === '' ? [0, text.length] : undefined
    let from = 0
    let start = 0
    for (const [index, segment] of segments.entries()) {
      const last = index === segments.length - 1
      let at: number
      if (index === 0 && !openStart) {
        at = stands(text, 0, segment) ? 0 : -1
        if (last && !openEnd && segment.length !== text.length) at = -1
      } else if (last && !openEnd) {
        at = text.length - segment.length
        if (at < from || !stands(text, at, segment)) at = -1
      } else {
        at = find(text, from, segment)
      }
      if (at < 0) return undefined
      if (index === 0) start = at
      from = at + segment.length
    }
    return [start, from - start]
  }
}

function stands(text: string, at: number, { pieces, length }: Segment): boolean {
  if (at + length > text.length) return false
  let position = at
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      if (!text.startsWith(piece, position)) return false
      position += piece.length
    } else {
      position += 1
    }
  }
  return true
}

function find(text: string, from: number, segment: Segment): number {
  const [first] = segment.pieces
  if (segment.pieces.length === 1 && typeof first === 'string') return text.indexOf(first, from)
  for (let at = from; at + segment.length <= text.length; at += 1) if (stands(text, at, segment)) return at
  return -1
}
