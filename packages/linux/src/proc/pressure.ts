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
