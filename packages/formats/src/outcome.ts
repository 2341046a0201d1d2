/** What a parser makes of its input. A faulty input is a value, never an exception. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      /** Stable, kebab-case. */
      readonly reason: string
      /** Where it went wrong, in UTF-16 units from the start of the text. */
      readonly offset: number
    }

export function rejected(reason: string, offset: number): { ok: false; reason: string; offset: number } {
  return { ok: false, reason, offset }
}
