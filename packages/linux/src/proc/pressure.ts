/**
 * How much of the last ten seconds something had to wait for a resource, percent (`some avg10`, Documentation/accounting/
 * psi.rst). Undefined where the text is not of that form.
 */
export function parsePressure(text: Buffer): number | undefined {
  const start = text.indexOf('avg10=')
  if (start < 0) return undefined
  const value = Number.parseFloat(text.toString('latin1', start + 6, start + 14))
  return Number.isFinite(value) ? value : undefined
}

/** Averages of the last ten seconds, minute and five minutes, percent. */
export interface PressureAverages {
  readonly avg10: number
  readonly avg60: number
  readonly avg300: number
}

const LINE = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) /gm

/** Both lines of such a text; undefined where it has no line `some`. */
export function parsePressureLines(
  text: string,
): { readonly some: PressureAverages; readonly full?: PressureAverages } | undefined {
  const found = new Map<string, PressureAverages>()
  for (const [, name = '', avg10, avg60, avg300] of text.matchAll(LINE)) {
    found.set(name, { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300) })
  }
  const some = found.get('some')
  const full = found.get('full')
  return some && { some, ...(full && { full }) }
}
