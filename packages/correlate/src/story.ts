import type { CaseIncident } from '@vedette/model'

const MAX_PROGRAMS = 16
const MAX_NAME = 64

/** Adds names in order of time, each once in a row and at most 16: the first ones and the latest. */
export function withPrograms(programs: readonly string[], added: readonly string[]): readonly string[] {
  const all = [...programs]
  for (const name of added) if (all.at(-1) !== name && name !== '') all.push(name.slice(0, MAX_NAME))
  return all.length <= MAX_PROGRAMS
    ? all
    : [...all.slice(0, MAX_PROGRAMS / 2), ...all.slice(-MAX_PROGRAMS / 2)]
}

/**
 * An incident's title, as a story: where, from which program to which. One alert alone gives its own title.
 *
 * @param only title of the alert while there is but one
 */
export function storyTitle(
  host: string,
  { programs }: Pick<CaseIncident, 'programs'>,
  alertCount: number,
  only: string,
): string {
  const first = programs[0]
  const last = programs.at(-1)
  if (alertCount <= 1 || first === undefined || last === undefined) {
    return only.includes(host) ? only : `${host}: ${only}`
  }
  if (first === last) return `${host}: ${alertCount} alerts about ${first}`
  return `${host}: from ${first} to ${last}`
}
