/**
 * Characters that a reader cannot see or that move what a reader sees: controls, bidirectional and zero-width controls,
 * fillers, blanks other than the plain space, variation selectors, tags, lone surrogates (Unicode TR 36 and TR 9).
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- naming these characters is the purpose
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Cs}/u

const NAMES: Readonly<Record<number, string>> = {
  0xa0: 'no-break space',
  0xad: 'soft hyphen',
  0x061c: 'Arabic letter mark',
  0x200b: 'zero width space',
  0x200c: 'zero width non-joiner',
  0x200d: 'zero width joiner',
  0x200e: 'left-to-right mark',
  0x200f: 'right-to-left mark',
  0x2028: 'line separator',
  0x2029: 'paragraph separator',
  0x202a: 'left-to-right embedding',
  0x202b: 'right-to-left embedding',
  0x202c: 'pop directional formatting',
  0x202d: 'left-to-right override',
  0x202e: 'right-to-left override',
  0x2066: 'left-to-right isolate',
  0x2067: 'right-to-left isolate',
  0x2068: 'first strong isolate',
  0x2069: 'pop directional isolate',
  0xfeff: 'byte order mark',
}

/** The abbreviations of ISO 646, by code. */
const CONTROLS =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

/** A part of a value as the page writes it. */
export interface Piece {
  readonly text: string
  /** Set where `text` stands for one hidden character: what it is, in words. */
  readonly hidden?: string
  /** How it is written where nothing sets it apart; left out where that is `text`. */
  readonly plain?: string
  readonly marked: boolean
}

/** A part of a value that a rule matched, in UTF-16 units. */
export interface Mark {
  readonly start: number
  readonly length: number
}

/**
 * Cuts an attacker's text into pieces that can be written as they stand: hidden characters become tokens (`ESC`,
 * `\u202E`), and what lies within a mark is marked. Marks may overlap, reach past the end or be empty. The pieces'
 * count is bounded by the text's length; text after `limit` units is left out and said to be.
 */
export function piecesOf(text: string, marks: readonly Mark[] = [], limit = 20_000): Piece[] {
  const pieces: Piece[] = []
  const isMarked = (at: number) => marks.some(({ start, length }) => at >= start && at < start + length)
  let plain = ''
  let plainMarked = false
  const flush = () => {
    if (plain !== '') pieces.push({ text: plain, marked: plainMarked })
    plain = ''
  }
  let at = 0
  for (const character of text) {
    if (at >= limit) {
      flush()
      pieces.push({ text: `… ${text.length - at} more`, hidden: 'cut here for the page', marked: false })
      return pieces
    }
    const marked = marks.length > 0 && isMarked(at)
    if (HIDDEN.test(character)) {
      flush()
      pieces.push({ ...token(character), marked })
    } else {
      if (marked !== plainMarked) flush()
      plainMarked = marked
      plain += character
    }
    at += character.length
  }
  flush()
  return pieces
}

/** The same as one plain string, for titles and labels. */
export function visibleText(text: string): string {
  return piecesOf(text)
    .map(({ text, plain }) => plain ?? text)
    .join('')
}

function token(character: string): Omit<Piece, 'marked'> {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase().padStart(4, '0')
  const control = CONTROLS[code] ?? (code === 0x7f ? 'DEL' : undefined)
  const hidden = `U+${hex} ${NAMES[code] ?? (control !== undefined || (code >= 0x80 && code < 0xa0) ? 'control' : 'hidden')}`
  if (control !== undefined) return { text: control, plain: `\\x${hex.slice(2)}`, hidden }
  return { text: code > 0xffff ? `\\u{${hex}}` : `\\u${hex}`, hidden }
}
