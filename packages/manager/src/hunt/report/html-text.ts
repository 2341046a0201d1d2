import { visible } from '@vedette/base'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** HTML that is ready to be put into a page. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Html | undefined | readonly Part[]

/**
 * HTML of a template: what is put in is text, an attacker's as a rule, and becomes text of the page, also within quoted
 * attributes; characters that cannot be seen are written out. Only what is `Html` already is put in as it is.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, i) => string + (i < parts.length ? put(parts[i]) : '')).join(''))
}

function put(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(put).join('')
  return visible(String(part)).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
