import { maskAddress, readAddress, writeAddress } from '@vedette/formats'
import { type ValueReader, wholeText } from '../../fields/named-fields.ts'
import { timePart } from '../../selection/time-part.ts'

const words = new Uint32Array(4)

function networkOf(text: string): string | undefined {
  const family = readAddress(text, words)
  if (family === 0) return undefined
  const prefix = family === 4 ? 24 : 64
  maskAddress(family, words, prefix)
  return `${writeAddress(family, words)}/${prefix}`
}

function hourOf(text: string): string | undefined {
  return timePart(text, 'hour')?.toString()
}

const READERS: Readonly<Record<string, ValueReader>> = {
  '': wholeText,
  network: networkOf,
  hour: hourOf,
}

/** Names that may follow a bar behind a field. */
export const valueModifiers: readonly string[] = Object.keys(READERS).filter((name) => name !== '')

/** The field and what is taken of it; undefined where the modifier is none. */
export function readValueName(
  text: string,
): { readonly field: string; readonly modifier: string; readonly read: ValueReader } | undefined {
  const bar = text.indexOf('|')
  const modifier = bar < 0 ? '' : text.slice(bar + 1)
  const read = bar >= 0 && modifier === '' ? undefined : READERS[modifier]
  return read && { field: bar < 0 ? text : text.slice(0, bar), modifier, read }
}
