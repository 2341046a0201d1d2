/**
 * Control and format characters that can move a cursor, reorder text or hide it: C0, DEL, C1, zero-width and
 * bidirectional controls (Unicode TR 36, section 2.4; TR 9), line and paragraph separators, tags, the byte order mark.
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- naming these characters is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/**
 * Text from an attacker made safe for a terminal or a line of a log: each hidden character becomes `\xNN` or `\u{NNNN}`,
 * so that one value stays on one line and cannot give the terminal orders.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
    return `\\u{${code.toString(16)}}`
  })
}

/**
 * A text of JSON in which nothing moves a cursor, starts a line or reorders text: JSON itself escapes only what is below the
 * space. Each such character is escaped as JSON has it, so that a reader gets the very same value; line feeds between values
 * stay.
 */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, (characters) => {
    if (characters === '\n') return characters
    return Array.from({ length: characters.length }, (_, index) => {
      return `\\u${characters.charCodeAt(index).toString(16).padStart(4, '0')}`
    }).join('')
  })
}
