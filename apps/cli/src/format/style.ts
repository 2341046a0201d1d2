import { styleText } from 'node:util'
import type { Severity } from '@vedette/model'

type Format = Parameters<typeof styleText>[0]

/** Colours text, or leaves it as it is. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly warn: (text: string) => string
  readonly bad: (text: string) => string
  readonly severity: (severity: Severity) => string
}

const severityFormats: Record<Severity, Format> = {
  informational: 'dim',
  low: 'cyan',
  medium: 'yellow',
  high: ['red'],
  critical: ['bold', 'red'],
}

export function createStyle(colour: boolean): Style {
  // The decision was made by `wantsColour`; styleText would decide for itself again by looking at the process.
  const paint = (format: Format) => (text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    warn: paint('yellow'),
    bad: paint('red'),
    severity: (severity) => paint(severityFormats[severity])(severity),
  }
}
