// oxlint-disable-next-line no-control-regex -- the range of ASCII
const NOT_ASCII = /[^\u0000-\u007f]/

/**
 * Text with its case taken out, so that two texts that differ in case alone are equal. It keeps the length: a position
 * in the folded text is the same position in the original. Unicode's simple case folding as far as lengths allow (an
 * ASCII-only fold would let `ſ` or the Kelvin sign slip past a rule); a letter whose folding is longer than itself, such
 * as `ß`, only gets its own lower case.
 */
export function fold(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toLowerCase()
  let folded = ''
  for (const character of text) folded += foldOne(character)
  return folded
}

function foldOne(character: string): string {
  const lower = character.toUpperCase().toLowerCase()
  if (lower.length === character.length) return lower
  const plain = character.toLowerCase()
  return plain.length === character.length ? plain : character
}
