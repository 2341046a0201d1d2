import type { FaultRow } from '../row.ts'
import { fullDisks } from './full-disks.ts'

export const r5: FaultRow = {
  row: 'R5',
  promise:
    'The disks under the databases of a server, under its audit log and under the spools of its agents, each filled up while ' +
    'events flow and an operator acts. Nothing is acknowledged that is not stored, nothing is done without a record, nothing ' +
    'is lost that was seen; and everything works again soon after there is space.',
  short: (seed) => fullDisks(seed, { agents: 2, rounds: 1, fullMs: 1500, refusals: 2 }),
  long: (seed) => fullDisks(seed, { agents: 5, rounds: 3, fullMs: 5000, refusals: 3 }),
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
      mistake: 'what cannot be recorded is done all the same',
      file: 'apps/server/src/access/audited.ts',
      find: "await record({ ...act, outcome: 'intended' })",
      replace: "await record({ ...act, outcome: 'intended' }).catch(() => undefined)",
      breaks: 'acts without a record',
    },
  ],
}
