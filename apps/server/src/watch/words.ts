import type { AgentUse } from '@vedette/model'

/** `1 host`, `14 hosts`, `1,204 events`. */
export function count(n: number, noun: string): string {
  return `${grouped(n)} ${n === 1 ? noun : `${noun}s`}`
}

/** Digits in groups of three, the same wherever the server runs. */
export function grouped(n: number): string {
  return Math.trunc(n)
    .toString()
    .replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** What the overview's sentence is made of. */
export interface Situation {
  /** Incidents that are not closed. */
  readonly openIncidents: number
  /** Alerts that are not resolved. */
  readonly openAlerts: number
  /** Those of them that nobody has acknowledged. */
  readonly untouchedAlerts: number
  readonly hosts: number
  readonly hostsReporting: number
  readonly eventsLost: number
}

/** How things stand, in one sentence: `2 incidents need you; all 14 hosts report; nothing lost`. */
export function sentenceOf(situation: Situation): string {
  return [work(situation), hosts(situation), losses(situation)].join('; ')
}

function work({ openIncidents, untouchedAlerts }: Situation): string {
  const needs = (n: number, noun: string) => `${count(n, noun)} ${n === 1 ? 'needs' : 'need'} you`
  if (openIncidents > 0) return needs(openIncidents, 'incident')
  if (untouchedAlerts > 0) return needs(untouchedAlerts, 'alert')
  return 'Nothing needs you'
}

function hosts({ hosts, hostsReporting }: Situation): string {
  if (hosts === 0) return 'no host has reported yet'
  if (hosts === 1) return hostsReporting === 1 ? 'the one host reports' : 'the one host is silent'
  if (hostsReporting === hosts) return `all ${grouped(hosts)} hosts report`
  if (hostsReporting === 0) return `all ${grouped(hosts)} hosts are silent`
  const silent = hosts - hostsReporting
  return `${grouped(silent)} of ${grouped(hosts)} hosts ${silent === 1 ? 'is' : 'are'} silent`
}

function losses({ eventsLost }: Situation): string {
  return eventsLost === 0 ? 'nothing lost' : `${count(eventsLost, 'event')} lost`
}

/** Less than this is what a busy second does, and nothing to tell a person. */
const HELD_PERCENT = 1

/** Whether its budget holds an agent back, and why, in one sentence; null where it does not. */
export function heldBackWords(use: AgentUse): string | null {
  const { heldBackPercent, memoryReclaims, keptBy } = use
  const reasons: string[] = []
  if (heldBackPercent >= HELD_PERCENT) {
    const share = `${Math.round(heldBackPercent)} % of the time`
    reasons.push(
      keptBy === 'kernel'
        ? `the kernel stopped it for ${share}, its ${Math.round(use.cpuLimitPercent)} % of a processor being used up`
        : `it paused for ${share} to stay within ${Math.round(use.cpuLimitPercent)} % of a processor`,
    )
  }
  if (memoryReclaims > 0) {
    reasons.push(
      `its memory stood at the limit ${memoryReclaims === 1 ? 'once' : `${grouped(memoryReclaims)} times`}`,
    )
  }
  return reasons.length === 0 ? null : `Held back: ${reasons.join('; ')}`
}
