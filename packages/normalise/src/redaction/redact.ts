import { baseName } from '../bounded-text.ts'
import {
  MAY_HAVE_FORM,
  REDACTED,
  SECRET_FORMS,
  SECRET_NAME,
  SECRET_OPTION,
  SECRET_PATTERNS,
  SUSPECT,
} from './patterns.ts'
import { programs, type SecretOptions } from './programs.ts'

/** Takes secrets out of text that leaves the host. What it takes out becomes `[redacted]`. */
export interface Redactor {
  /** A command line: the arguments joined by spaces. */
  command(argv: readonly string[]): string
  /** Whether a text can be told to hold no secret at a glance, and with it every part of it. */
  isClean(text: string): boolean
  /** A line of a log, or other text. */
  text(text: string): string
}

/** The redactor of text, which also knows what the name beside a value says of it. */
export interface NamedRedactor extends Redactor {
  /** Whether what has this name is a secret: `password`, `X-Api-Key`, `Cookie`, `AWS_SECRET_ACCESS_KEY`. */
  isSecretName(name: unknown): boolean
  /** What stands in place of a secret value. */
  value(value: unknown): unknown
}

/** Leaves everything as it is. */
export const noRedaction: Redactor = {
  command: (argv) => argv.join(' '),
  isClean: () => true,
  text: (text) => text,
}

const PROGRAM_NAMES = new RegExp([...programs.keys()].join('|'))
/** A longer name is none. */
const MAX_NAME = 256
/** `sh -c "sh -c '...'"` is followed this deep. */
const MAX_DEPTH = 3

/**
 * Knows options (`--password x`), assignments (`PGPASSWORD=x`), URLs (`ftp://u:x@host`), headers, options of programs
 * (`mysql -px`) and tokens with a form of their own. A value that a shell would still work out (`$VAR`, `$(...)`,
 * backquotes) is no secret but may be an attack: it stays.
 */
export const redactor: NamedRedactor = {
  command(argv) {
    const line = argv.join(' ')
    if (!SUSPECT.test(line) && !PROGRAM_NAMES.test(line)) return line
    return redactWords(argv, 0).join(' ')
  },

  isClean(text) {
    return !SUSPECT.test(text)
  },

  text(text) {
    return SUSPECT.test(text) ? redactSuspect(text) : text
  },

  isSecretName(name) {
    return typeof name === 'string' && name.length <= MAX_NAME && SECRET_NAME.test(name)
  },

  value(value) {
    if (typeof value !== 'string' || value === '' || value === REDACTED || isWorkedOut(value)) return value
    return REDACTED
  },
}

function redactPatterns(text: string): string {
  return SUSPECT.test(text) ? redactSuspect(text) : text
}

function redactSuspect(text: string): string {
  let result = text
  for (const { needs, pattern } of SECRET_PATTERNS) {
    if (!needs.test(result)) continue
    result = result.replace(pattern, (whole: string, before: string, value: string) =>
      isWorkedOut(value) || value.startsWith(REDACTED) ? whole : before + inPlaceOf(value),
    )
  }
  return MAY_HAVE_FORM.test(result) ? result.replace(SECRET_FORMS, REDACTED) : result
}

/** Whether a shell puts something else there. */
function isWorkedOut(value: string): boolean {
  return /^["']?\$|\$\(|`/.test(value)
}

/** Keeps the quotes, so that the rest still reads as it did. */
function inPlaceOf(value: string): string {
  const quote = value[0]
  if ((quote === '"' || quote === "'") && value.length > 1 && value.endsWith(quote))
    return quote + REDACTED + quote
  return REDACTED
}

/** A word that ends a command within a shell's script. */
const SEPARATOR = /[;|&]$/

type Expected = 'nothing' | 'secret' | 'credentials'

/** A secret in quotes may be made of so many words of a script. */
const MAX_QUOTED_WORDS = 16

/** Walks the words of a command as its program would. */
function redactWords(words: readonly string[], depth: number): string[] {
  let options: SecretOptions | undefined
  let expected: Expected = 'nothing'
  let waitsFor: string | undefined
  const result: string[] = []
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    if (expected !== 'nothing') {
      const was: Expected = expected
      expected = 'nothing'
      // An option in place of a value: the one before had none.
      if (word !== '' && !word.startsWith('-')) {
        // Only a script has quotes; an argument that starts with one is just that.
        const end = depth === 0 ? i : endOfQuoted(words, i)
        if (end > i) result.push(word[0] + REDACTED + word[0])
        else result.push(was === 'secret' ? secretWord(word) : credentials(word, options?.separator))
        for (; i < end; i += 1) result.push('')
        continue
      }
    }
    const name = baseName(word.replace(OPENING, ''))
    const program = programs.get(name)
    if (program !== undefined) {
      options = program
      waitsFor = program.after
    } else if (word === waitsFor) {
      waitsFor = undefined
    } else if (SEPARATOR.test(word)) {
      options = undefined
    }
    const active = waitsFor === undefined ? options : undefined
    const byProgram = attached(word, active)
    const equals = word.startsWith('-') ? word.indexOf('=') : -1
    if (byProgram !== undefined) {
      result.push(byProgram)
    } else if (equals > 0 && SECRET_OPTION.test(word.slice(0, equals))) {
      result.push(`${word.slice(0, equals + 1)}${secretWord(word.slice(equals + 1))}`)
    } else if (word.startsWith('-') && SECRET_OPTION.test(word)) {
      expected = 'secret'
      result.push(word)
    } else if (active?.next?.includes(word)) {
      expected = 'secret'
      result.push(word)
    } else if (active?.credentials?.includes(word)) {
      expected = 'credentials'
      result.push(word)
    } else {
      result.push(redactWord(word, depth))
    }
  }
  return result
}

/** What may stand before a word of a script. */
const OPENING = /^["'(]{1,3}/

/** Index of the word that closes the quote which the word at `start` opens; `start` itself where it opens none. */
function endOfQuoted(words: readonly string[], start: number): number {
  const word = words[start] ?? ''
  const quote = word[0]
  if ((quote !== '"' && quote !== "'") || word.indexOf(quote, 1) > 0) return start
  for (let i = start + 1; i < words.length && i <= start + MAX_QUOTED_WORDS; i += 1) {
    const next = words[i] ?? ''
    if (isWorkedOut(next)) return start
    if (next.includes(quote)) return i
  }
  return start
}

function redactWord(word: string, depth: number): string {
  const redacted = redactPatterns(word)
  if (depth >= MAX_DEPTH || !/\s/.test(redacted)) return redacted
  // A script given as one argument: its words in turn, the white space between them as it was.
  const pieces = redacted.split(/(\s+)/)
  const inner = redactWords(
    pieces.filter((_, index) => index % 2 === 0),
    depth + 1,
  )
  return pieces.map((piece, index) => (index % 2 === 0 ? (inner[index / 2] ?? piece) : piece)).join('')
}

function secretWord(word: string): string {
  if (word === '' || isWorkedOut(word)) return word
  const quoted = inPlaceOf(word)
  if (quoted !== REDACTED) return quoted
  const end = word.length - (/[;|&)"']{1,4}$/.exec(word)?.[0].length ?? 0)
  return REDACTED + word.slice(end)
}

function credentials(word: string, separator = ':'): string {
  const at = word.indexOf(separator)
  if (at < 0 || at === word.length - 1) return word
  return `${word.slice(0, at + 1)}${secretWord(word.slice(at + 1))}`
}

/** `-pSECRET`, `-uUSER:SECRET`. */
function attached(word: string, options: SecretOptions | undefined): string | undefined {
  if (options === undefined) return undefined
  const secret = options.attached?.find((option) => word.length > option.length && word.startsWith(option))
  if (secret !== undefined) return `${secret}${secretWord(word.slice(secret.length))}`
  const user = options.credentials?.find((option) => word.length > option.length && word.startsWith(option))
  if (user === undefined || word.startsWith('--')) return undefined
  return `${user}${credentials(word.slice(user.length), options.separator)}`
}
