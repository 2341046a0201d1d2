import { visible, visibleJson } from '@vedette/base/visible'
import type { Invocation } from './command.ts'
import { type Column, table } from './format/table.ts'

/** One JSON document on standard output, in which nothing gives a terminal orders. */
export function printJson({ terminal }: Invocation, value: unknown): void {
  terminal.out(`${visibleJson(JSON.stringify(value, null, 2))}\n`)
}

/** One object a line on standard output. */
export function printJsonLine({ terminal }: Invocation, value: unknown): void {
  terminal.out(`${visibleJson(JSON.stringify(value))}\n`)
}

/** A line for a person. What comes from outside goes through `visible` first. */
export function printLine({ terminal }: Invocation, text = ''): void {
  terminal.out(`${text}\n`)
}

/** A table for a person, cut to the width of the terminal; whole where it is not one. */
export function printTable(
  { terminal, style }: Invocation,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): void {
  const width = terminal.interactive ? terminal.columns : undefined
  terminal.out(
    table(columns, rows, { ...(width !== undefined && { width }), head: (title) => style.dim(title) }),
  )
}

/** Text from an attacker, on one line, at most `limit` characters. */
export function safe(text: string | null | undefined, limit = 2000): string {
  const shown = visible(text ?? '')
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown
}
