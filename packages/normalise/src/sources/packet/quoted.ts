import { visible } from '@vedette/base'
import { shortText } from '../../bounded-text.ts'

/** Longest name or address from a packet within a sentence. */
const MAX_QUOTED = 200

/** A text from a packet, as it may stand in a sentence. */
export function quoted(text: string): string {
  return visible(shortText(text, MAX_QUOTED))
}
