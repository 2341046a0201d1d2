import { visible } from '@vedette/base/visible'

/**
 * JSON on one line in which nothing moves a cursor or reorders text: such a character is escaped as JSON has it, so a
 * reader gets the very same value.
 */
export function plainJson(value: unknown): string {
  return Array.from(JSON.stringify(value))
    .map((character) => (visible(character) === character ? character : escapes(character)))
    .join('')
}

function escapes(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  }).join('')
}
