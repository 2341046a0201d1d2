import { CodedError } from '@vedette/base'

/** Deepest nesting that is looked at. */
const DEEPEST = 64

/** @throws {CodedError} `not-<form>` with the place of the fault where the text is no JSON, or nests too deep */
export function parseDocument(text: string, form: string): unknown {
  // A deep nest makes some walkers fail long after the parser took it.
  if (deepest(text) > DEEPEST)
    throw new CodedError(
      `not-${form}`,
      `Cannot read the ${form} document: it nests deeper than ${DEEPEST} levels`,
    )
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError(`not-${form}`, `Cannot read the ${form} document: ${reason.slice(0, 200)}`)
  }
}

function deepest(text: string): number {
  let depth = 0
  let most = 0
  let quoted = false
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (quoted) {
      if (code === 92) i += 1
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 91 || code === 123) {
      depth += 1
      if (depth > most) most = depth
    } else if (code === 93 || code === 125) depth -= 1
  }
  return most
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** In batches of `size`. */
export function* batched<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length === size) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** A short text of any value, for a report of what was not taken. */
export function excerpt(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 200)
  if (isRecord(value)) {
    const shown = textOf(value['value']) ?? textOf(value['pattern']) ?? textOf(value['indicator'])
    if (shown !== undefined) return shown.slice(0, 200)
    return `{${Object.keys(value).slice(0, 8).join(', ').slice(0, 180)}}`
  }
  return Array.isArray(value) ? `a list of ${value.length}` : String(value)
}
