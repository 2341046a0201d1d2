import type { FaultRow } from '../row.ts'
import { kills } from './kills.ts'

export const r1: FaultRow = {
  row: 'R1',
  promise:
    'A server with its own stores and a fleet of agents that come with certificates, while the processes of the server are ' +
    'killed (kill -9) at random: the server itself, any process that it has started, and PostgreSQL as a whole. Every event ' +
    'that was acknowledged is stored, once; every attack has its alert, once; and the server is ready again soon.',
  short: (seed) =>
    kills(seed, {
      agents: 3,
      events: 6000,
      batchEvents: 40,
      attackEvery: 240,
      kills: 1,
      stateKills: 1,
      settleMs: 30_000,
    }),
  long: (seed) =>
    kills(seed, {
      agents: 50,
      events: 1_000_000,
      batchEvents: 40,
      attackEvery: 1000,
      kills: 200,
      stateKills: 50,
      settleMs: 300_000,
      readyWithinMs: 5000,
    }),
  planted: [
    {
      mistake: 'a batch is acknowledged before it is stored',
      file: 'packages/manager/src/intake.ts',
      find: 'return counted(batch.events.length, deliveries.follow(sequence, work))',
      replace:
        'counted(batch.events.length, deliveries.follow(sequence, work)).catch(() => undefined); return Promise.resolve()',
      breaks: 'acknowledged and lost',
    },
    {
      mistake: 'a batch is acknowledged before its alerts are stored',
      file: 'packages/manager/src/intake.ts',
      find: 'const work = both(events.write(delivery), desk.bring(tenant, detections))',
      replace: 'const work = events.write(delivery); desk.bring(tenant, detections).catch(() => undefined)',
      breaks: 'alerts missing',
    },
    {
      mistake: 'a batch that comes again is stored again',
      file: 'packages/store/src/events/stored-runs.ts',
      find: 'return sequence > last ? new Set() : this.#stored(owned)',
      replace: 'return new Set()',
      breaks: 'stored twice',
    },
  ],
}
