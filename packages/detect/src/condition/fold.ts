/**
 * Text with its case taken out, so that two texts that differ in case alone are equal. It keeps the length: a position
 * in the folded text is the same position in the original. Unicode's simple case folding as far as lengths allow (an
 * ASCII-only fold would let `ſ` or the Kelvin sign slip past a rule); a letter whose folding is longer than itself, such
 * as `ß`, only gets its own lower case.
 */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  let folded = ''
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit <= 0xdfff) return foldCharacters(text)
    folded += String.fromCharCode(foldedUnits[unit] || foldUnit(unit))
  }
  return folded
}

/** Whether every unit is of ASCII. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length
}

/** Text with characters beyond the first plane, or halves of such. */
function foldCharacters(text: string): string {
  let folded = ''
  for (const character of text) folded += foldOne(character)
  return folded
}

/** Folded units, as they came up; 0 where it is not known yet. */
const foldedUnits = new Uint16Array(1 << 16)

function foldUnit(unit: number): number {
  const folded = foldOne(String.fromCharCode(unit)).charCodeAt(0)
  foldedUnits[unit] = folded
  return folded
}

function foldOne(character: string): string {
  const lower = character.toUpperCase().toLowerCase()
  if (lower.length === character.length) return lower
  const plain = character.toLowerCase()
  return plain.length === character.length ? plain : character
}
