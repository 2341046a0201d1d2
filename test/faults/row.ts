/**
 * A row of what is promised about reliability: a load, faults, and what must hold all the same. It has a short form, which
 * runs with all other tests, and a long one (`npm run test:faults -- R3 --seed 7`), which is what the guide tells.
 */
export interface FaultRow {
  /** As the guide names it: `R3`. */
  readonly row: string
  /** What is done and what must hold, in one or two sentences. */
  readonly promise: string
  /** Some seconds; the same seed does the same again. */
  readonly short: Trial
  readonly long: Trial
  /** Mistakes in Vedette's own code, each of which the short form has to find. */
  readonly planted: readonly PlantedFault[]
}

export type Trial = (seed: number, options?: TrialOptions) => Promise<readonly Figure[]>

/** What a long form may be told besides its seed. */
export interface TrialOptions {
  /** How long it goes on, of a row that is about that. */
  readonly hours?: number
}

/** A number that a trial found, and the bound that it must keep; without one it only says how much was tried. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly must?: Bound
}

export type Bound = { readonly be: number } | { readonly beAtMost: number } | { readonly beAtLeast: number }

/** A mistake in the code: `find` stands in `file` once and is replaced in memory while the short form runs. */
export interface PlantedFault {
  /** What a programmer would have got wrong. */
  readonly mistake: string
  /** From the root of the checkout. */
  readonly file: string
  readonly find: string
  readonly replace: string
  /** The figure that breaks its bound then. */
  readonly breaks: string
}

export function keeps({ value, must }: Figure): boolean {
  if (must === undefined) return true
  if ('be' in must) return value === must.be
  return 'beAtMost' in must ? value <= must.beAtMost : value >= must.beAtLeast
}

/** How a bound is written: `= 0`, `<= 5`. */
export function boundText({ must }: Figure): string {
  if (must === undefined) return ''
  if ('be' in must) return `= ${must.be}`
  return 'beAtMost' in must ? `<= ${must.beAtMost}` : `>= ${must.beAtLeast}`
}
