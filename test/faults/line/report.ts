import type { AgentReport } from '@vedette/model'

/** What an agent of a trial tells of itself: as little as the protocol takes. */
export const report: AgentReport = {
  hostname: 'web-1',
  kernel: '6.18.0',
  version: '0.0.0-test',
  bootId: 'abcdef01',
  parts: [],
  blindSpots: [],
  spooled: 0,
  memoryBytes: 0,
}
