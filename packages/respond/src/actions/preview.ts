import { visible } from '@vedette/base'
import type { ProcessInfo } from '@vedette/linux'
import type { Selection } from '../selection.ts'

/** `bash (123)`; the name is the process's own choice, so it is made visible. */
export const nameOf = ({ name, pid }: Pick<ProcessInfo, 'name' | 'pid'>): string =>
  `${visible(name)} (${pid})`

/** `1 process`, `3 processes`. */
export const count = (number: number): string => `${number} ${number === 1 ? 'process' : 'processes'}`

const LISTED = 5

/** `sh (1), curl (2) and 3 more`. */
export function list(processes: readonly Pick<ProcessInfo, 'name' | 'pid'>[]): string {
  const named = processes.slice(0, LISTED).map(nameOf).join(', ')
  return processes.length > LISTED ? `${named} and ${processes.length - LISTED} more` : named
}

/** What an action would touch and what it would leave alone. */
export function preview(verb: string, { chosen, spared }: Selection): string {
  const touched = `Would ${verb} ${count(chosen.length)}: ${list(chosen.map(({ info }) => info))}`
  if (spared.length === 0) return touched
  const [first] = spared
  const why = spared.length === 1 && first !== undefined ? `, ${first.because}` : ''
  return `${touched}; would leave alone ${list(spared.map(({ info }) => info))}${why}`
}
