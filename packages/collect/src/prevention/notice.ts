import type { BlindSpot } from '@vedette/model'

/** Said in the status for as long as something may be stopped. */
export function preventionNotice(
  name: string,
  state: 'off' | 'observe' | 'enforce',
  what: string,
  offFile: string,
): BlindSpot {
  const message = {
    off: `Prevention ${name} is switched off for as long as ${offFile} exists`,
    observe: `Prevention ${name} only observes: it tells what it would stop, ${what}`,
    enforce: `Prevention ${name} is on: it stops ${what}; the file ${offFile} switches it off`,
  }[state]
  return { code: `prevention-${state}`, message }
}
