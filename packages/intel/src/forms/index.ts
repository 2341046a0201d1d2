import { CodedError } from '@vedette/base'
import type { IndicatorForm } from '../indicator-form.ts'
import { csv } from './csv.ts'
import { json } from './json.ts'
import { misp } from './misp.ts'
import { stix } from './stix.ts'
import { txt } from './txt.ts'

/** Every form, the most particular first: the first that accepts a text takes it. */
export const indicatorForms: readonly IndicatorForm[] = [stix, misp, json, csv, txt]

/**
 * @param name of a form; left out, the one that the text is most likely written in
 * @throws {CodedError} `unknown-format`
 */
export function formOf(text: string, name?: string): IndicatorForm {
  const head = text.slice(0, 4096)
  const form = indicatorForms.find((one) => (name === undefined ? one.accepts(head) : one.name === name))
  if (form) return form
  const names = indicatorForms.map((one) => one.name).join(', ')
  throw new CodedError(
    'unknown-format',
    `There is no form of indicators called ${name?.slice(0, 40) ?? ''}: expected one of ${names}`,
  )
}
