import { visibleJson } from '@vedette/base/visible'

/** JSON on one line in which nothing moves a cursor or reorders text. */
export function plainJson(value: unknown): string {
  return visibleJson(JSON.stringify(value))
}
