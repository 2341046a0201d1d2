import type { FaultRow } from '../row.ts'
import { largeFleet } from './large-fleet.ts'
import { smallFleet } from './small-fleet.ts'

export const r10: FaultRow = {
  row: 'R10',
  promise:
    '10,000 agents, each with a certificate of its own over TLS 1.3, tell of themselves every 30 s; then all lose their ' +
    'connection at once and come back as fast as they can, server and agents on the same machine. All are back within 90 s, an ' +
    'answer takes at most 500 ms (p99), the server stays below 1 GiB, and nobody is told as silent who is there.',
  short: () => smallFleet(40),
  long: () => largeFleet({ agents: 10_000, heartbeatMs: 30_000, restMs: 120_000, processes: 2 }),
  planted: [
    {
      mistake: 'an agent may not come back soon',
      file: 'apps/server/src/start.ts',
      find: 'agents: limit(20, 60),',
      replace: 'agents: limit(1, 0.01),',
      breaks: 'not back after all lost their connection at once',
    },
    {
      mistake: 'the time since the start of the server is taken for that since an agent told of itself',
      file: 'apps/server/src/watch/host-silence.ts',
      find: 'const isReporting = fleet.isReporting(tenant, agent) || nowMs - known.heardMs <= SILENT_AFTER_MS',
      replace: 'const isReporting = fleet.isReporting(tenant, agent) && nowMs <= SILENT_AFTER_MS',
      breaks: 'told as silent although they are there',
    },
  ],
}
