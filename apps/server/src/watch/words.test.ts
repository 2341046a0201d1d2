import { describe, expect, test } from 'vitest'
import type { AgentUse } from '@vedette/model'
import { count, heldBackWords, sentenceOf, type Situation } from './words.ts'

const quiet: Situation = {
  openIncidents: 0,
  openAlerts: 0,
  untouchedAlerts: 0,
  hosts: 14,
  hostsReporting: 14,
  eventsLost: 0,
}
const sentence = (change: Partial<Situation>) => sentenceOf({ ...quiet, ...change })

describe('sentenceOf()', () => {
  test.each([
    [{}, 'Nothing needs you; all 14 hosts report; nothing lost'],
    [{ openIncidents: 2 }, '2 incidents need you; all 14 hosts report; nothing lost'],
    [{ openIncidents: 1, untouchedAlerts: 5 }, '1 incident needs you; all 14 hosts report; nothing lost'],
    [{ openAlerts: 1, untouchedAlerts: 1 }, '1 alert needs you; all 14 hosts report; nothing lost'],
    [{ openAlerts: 3, untouchedAlerts: 3 }, '3 alerts need you; all 14 hosts report; nothing lost'],
    // Acknowledged: somebody is at it.
    [{ openAlerts: 3, untouchedAlerts: 0 }, 'Nothing needs you; all 14 hosts report; nothing lost'],
    [{ hosts: 0, hostsReporting: 0 }, 'Nothing needs you; no host has reported yet; nothing lost'],
    [{ hosts: 1, hostsReporting: 1 }, 'Nothing needs you; the one host reports; nothing lost'],
    [{ hosts: 1, hostsReporting: 0 }, 'Nothing needs you; the one host is silent; nothing lost'],
    [{ hosts: 2, hostsReporting: 0 }, 'Nothing needs you; all 2 hosts are silent; nothing lost'],
    [{ hostsReporting: 13 }, 'Nothing needs you; 1 of 14 hosts is silent; nothing lost'],
    [{ hostsReporting: 12 }, 'Nothing needs you; 2 of 14 hosts are silent; nothing lost'],
    [{ eventsLost: 1 }, 'Nothing needs you; all 14 hosts report; 1 event lost'],
    [{ eventsLost: 1204 }, 'Nothing needs you; all 14 hosts report; 1,204 events lost'],
  ])('%j', (change, expected) => {
    expect(sentence(change)).toBe(expected)
  })
})

test('count() groups digits and agrees with its noun', () => {
  expect([0, 1, 2, 999, 1000, 1_234_567].map((n) => count(n, 'host'))).toEqual([
    '0 hosts',
    '1 host',
    '2 hosts',
    '999 hosts',
    '1,000 hosts',
    '1,234,567 hosts',
  ])
})

describe('heldBackWords()', () => {
  const use = { keptBy: 'kernel', cpuLimitPercent: 100, heldBackPercent: 0, memoryReclaims: 0 } as AgentUse
  test.each<[Partial<AgentUse>, string | null]>([
    [{}, null],
    [{ heldBackPercent: 0.9 }, null],
    [
      { heldBackPercent: 12.4 },
      'Held back: the kernel stopped it for 12 % of the time, its 100 % of a processor being used up',
    ],
    [
      { heldBackPercent: 12.4, keptBy: 'agent', cpuLimitPercent: 50 },
      'Held back: it paused for 12 % of the time to stay within 50 % of a processor',
    ],
    [{ memoryReclaims: 1 }, 'Held back: its memory stood at the limit once'],
    [
      { heldBackPercent: 1, memoryReclaims: 1204 },
      'Held back: the kernel stopped it for 1 % of the time, its 100 % of a processor being used up; its memory stood at the limit 1,204 times',
    ],
  ])('%j', (change, expected) => {
    expect(heldBackWords({ ...use, ...change })).toBe(expected)
  })
})
