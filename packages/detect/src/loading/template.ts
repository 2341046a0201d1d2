import { visible } from '@vedette/base'
import type { Event } from '@vedette/model'
import { placesOf } from '../fields/event-view.ts'
import { pathField } from '../fields/field.ts'

/**
 * A sentence with fields of an event in it: `{process.name} read {file.path}`. Several paths, separated by commas, mean
 * the first that is there: `{process.user.name, process.user.uid}`. `{{` is a brace.
 */
export interface Template {
  /** Paths that it names. */
  readonly fields: readonly string[]
  /** @param extra values that no event has, such as `count`; they go first */
  fill(event: Event, extra?: Readonly<Record<string, string | number>>): string
}

const LONGEST_VALUE = 160
const LONGEST_TEXT = 400

/** @throws {SyntaxError} for a brace without its partner */
export function parseTemplate(text: string): Template {
  const parts: (string | readonly string[])[] = []
  let from = 0
  for (const found of text.matchAll(/\{\{|\{([^{}]*)\}|[{}]/g)) {
    parts.push(text.slice(from, found.index))
    from = found.index + found[0].length
    if (found[0] === '{{') parts.push('{')
    else if (found[1] === undefined)
      throw new SyntaxError(`the brace at character ${found.index + 1} has no partner`)
    else parts.push(found[1].split(',').map((path) => path.trim()))
  }
  parts.push(text.slice(from))
  return {
    fields: parts.filter((part) => typeof part !== 'string').flat(),
    fill: (event, extra = {}) => {
      const filled = parts
        .map((part) => (typeof part === 'string' ? part : valueOf(event, part, extra)))
        .join('')
      return cut(filled, LONGEST_TEXT)
    },
  }
}

/** The values come from an enemy: control characters are made visible and each is cut. */
function valueOf(
  event: Event,
  paths: readonly string[],
  extra: Readonly<Record<string, string | number>>,
): string {
  for (const path of paths) {
    if (Object.hasOwn(extra, path)) return visible(cut(String(extra[path]), LONGEST_VALUE))
    for (const { value } of placesOf(event, pathField(path))) {
      if (typeof value !== 'object' && value !== '') return visible(cut(String(value), LONGEST_VALUE))
    }
  }
  return 'unknown'
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
