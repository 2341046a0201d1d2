/**
 * Just enough of YARA's grammar to find the rules of a text, what they say of themselves, and what it includes: where a
 * rule begins and ends, so that a broken one can be left out, and its metadata, which the engines tell only in part.
 */

export type MetaValue = string | number | boolean

/** One `name = value` of a rule's `meta`. A name may stand there several times. */
export interface Meta {
  readonly name: string
  readonly value: MetaValue
}

export interface RuleText {
  readonly name: string
  readonly tags: readonly string[]
  readonly isPrivate: boolean
  readonly isGlobal: boolean
  readonly meta: readonly Meta[]
  /** Characters from the first modifier to the closing brace. */
  readonly start: number
  readonly end: number
  /** Where its condition begins, behind the colon; left out where none was found. */
  readonly condition?: number
}

/** `include "other.yar"` at the top of a file. */
export interface Include {
  readonly path: string
  readonly start: number
  readonly end: number
}

/** `import "elf"`. */
export interface Import {
  readonly module: string
  readonly start: number
}

export interface ParsedText {
  readonly rules: readonly RuleText[]
  readonly includes: readonly Include[]
  readonly imports: readonly Import[]
}

const MOST_META = 64

/** Stands between texts that are put together: a comment that one does not close ends here, whatever follows. */
export const BETWEEN_TEXTS = '\n/**/\n'

/** Never throws: what it does not understand it passes over, and the engine says what is wrong there. */
export function parseRuleText(text: string): ParsedText {
  const rules: RuleText[] = []
  const includes: Include[] = []
  const imports: Import[] = []
  let at = 0
  let start: number | undefined
  let isPrivate = false
  let isGlobal = false
  const forget = () => {
    start = undefined
    isPrivate = false
    isGlobal = false
  }
  for (;;) {
    at = skipSpace(text, at)
    if (at >= text.length) return { rules, includes, imports }
    const word = wordAt(text, at)
    if (word === '') {
      forget()
      const end = text[at] === '"' ? stringEnd(text, at) : -1
      at = end < 0 ? at + 1 : end
      continue
    }
    const wordStart = at
    at += word.length
    if (word === 'private' || word === 'global') {
      start ??= wordStart
      if (word === 'private') isPrivate = true
      else isGlobal = true
      continue
    }
    if (word === 'include' || word === 'import') {
      forget()
      const quote = skipSpace(text, at)
      if (text[quote] !== '"') continue
      const end = stringEnd(text, quote)
      if (end < 0) continue
      at = end
      const named = unescape(text.slice(quote + 1, at - 1))
      if (word === 'include') includes.push({ path: named, start: wordStart, end: at })
      else imports.push({ module: named, start: wordStart })
      continue
    }
    if (word === 'rule') {
      const rule = ruleAt(text, start ?? wordStart, at, isPrivate, isGlobal)
      if (rule) {
        rules.push(rule)
        at = rule.end
      }
    }
    forget()
  }
}

function ruleAt(
  text: string,
  start: number,
  afterKeyword: number,
  isPrivate: boolean,
  isGlobal: boolean,
): RuleText | undefined {
  let at = skipSpace(text, afterKeyword)
  const name = wordAt(text, at)
  if (name === '') return undefined
  at = skipSpace(text, at + name.length)
  const tags: string[] = []
  if (text[at] === ':') {
    at = skipSpace(text, at + 1)
    for (let tag = wordAt(text, at); tag !== ''; tag = wordAt(text, at)) {
      tags.push(tag)
      at = skipSpace(text, at + tag.length)
    }
  }
  if (text[at] !== '{') return undefined
  const { end, condition } = bodyAt(text, at)
  return {
    name,
    tags,
    isPrivate,
    isGlobal,
    meta: metaAt(text, at + 1),
    start,
    end,
    ...(condition !== undefined && { condition }),
  }
}

const CONDITION = /(?<![A-Za-z0-9_$#@!])condition\s*:/y
/** A line on which a rule begins: where to go on after a rule that never ends. */
const NEXT_RULE = /^[ \t]*(?:(?:private|global)[ \t]+)*rule[ \t]+[A-Za-z_]/gm

/**
 * The end of a body, behind the brace that closes the one at `open` (for a rule that never ends, where the next one
 * begins), and the place of its condition.
 */
function bodyAt(text: string, open: number): { end: number; condition: number | undefined } {
  let depth = 0
  let condition: number | undefined
  for (let at = open; at < text.length;) {
    const char = text[at]
    if (char === '{') depth += 1
    if (char === '}') {
      depth -= 1
      if (depth === 0) return { end: at + 1, condition }
    }
    const end = char === '"' ? stringEnd(text, at) : char === '/' ? slashEnd(text, at) : at + 1
    // A string or regular expression that is not closed on its line.
    if (end < 0) break
    if (char === 'c' && depth === 1 && condition === undefined) {
      CONDITION.lastIndex = at
      if (CONDITION.test(text)) condition = CONDITION.lastIndex
    }
    at = end
  }
  NEXT_RULE.lastIndex = open
  return { end: NEXT_RULE.exec(text)?.index ?? text.length, condition }
}

function metaAt(text: string, from: number): readonly Meta[] {
  let at = skipSpace(text, from)
  if (wordAt(text, at) !== 'meta') return []
  at = skipSpace(text, at + 4)
  if (text[at] !== ':') return []
  at = skipSpace(text, at + 1)
  const found: Meta[] = []
  for (let name = wordAt(text, at); name !== ''; name = wordAt(text, at)) {
    at = skipSpace(text, at + name.length)
    if (text[at] !== '=') break
    at = skipSpace(text, at + 1)
    let value: MetaValue
    if (text[at] === '"') {
      const end = stringEnd(text, at)
      if (end < 0) break
      value = unescape(text.slice(at + 1, end - 1))
      at = end
    } else {
      const literal = /[^\s/}]*/y
      literal.lastIndex = at
      const raw = literal.exec(text)?.[0] ?? ''
      if (raw === '') break
      value = raw === 'true' ? true : raw === 'false' ? false : Number(raw.replaceAll('_', ''))
      if (typeof value === 'number' && !Number.isFinite(value)) break
      at += raw.length
    }
    if (found.length < MOST_META) found.push({ name, value })
    at = skipSpace(text, at)
  }
  return found
}

/** Behind spaces and comments. */
function skipSpace(text: string, from: number): number {
  const space = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$(?![\s\S])))*/y
  space.lastIndex = from
  space.exec(text)
  return Math.max(from, space.lastIndex)
}

function wordAt(text: string, from: number): string {
  const word = /[A-Za-z_][A-Za-z0-9_]*/y
  word.lastIndex = from
  return word.exec(text)?.[0] ?? ''
}

/** Behind the quote that closes the string at `open`; -1 where none does on that line. */
function stringEnd(text: string, open: number): number {
  if (text.startsWith('"""', open)) {
    const end = text.indexOf('"""', open + 3)
    return end < 0 ? -1 : end + 3
  }
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
    else if (text[at] === '\n') return -1
  }
  return -1
}

/** Behind the comment or regular expression at a slash: YARA divides with a backslash. -1 where it is not closed. */
function slashEnd(text: string, open: number): number {
  if (text[open + 1] === '/') {
    const end = text.indexOf('\n', open)
    return end < 0 ? text.length : end
  }
  if (text[open + 1] === '*') {
    const end = text.indexOf('*/', open + 2)
    return end < 0 ? text.length : end + 2
  }
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '/') return at + 1
    else if (text[at] === '\n') return -1
  }
  return -1
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unescape(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
