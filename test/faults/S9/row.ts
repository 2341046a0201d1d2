import type { FaultRow } from '../row.ts'
import { trial } from './trial.ts'

export const s9: FaultRow = {
  row: 'S9',
  promise:
    'A program that does what has to be recorded is killed (kill -9) while it writes, and runs into a limit at which nothing can be ' +
    'written: no act without a record that was on disk before, and none is done any more. Then the log is edited, records ' +
    'deleted, exchanged, repeated, its end cut off with all that lies beside it, a checkpoint forged: all found.',
  short: (seed) => trial(seed, { kills: 4, alterations: 3 }),
  long: (seed) => trial(seed, { kills: 100, alterations: 40 }),
  planted: [
    {
      mistake: 'the act does not wait for its record',
      file: 'apps/server/src/access/audited.ts',
      find: "await record({ ...act, outcome: 'intended' })",
      replace: "record({ ...act, outcome: 'intended' }).catch(() => undefined)",
      breaks: 'acts without a record',
    },
    {
      mistake: 'the hash of a record is not computed',
      file: 'packages/store/src/audit/verify-audit.ts',
      find: 'record.hash !== hashOf(record)',
      replace: 'false',
      breaks: 'alterations not found',
    },
    {
      mistake: 'checkpoints beyond the end are not missed',
      file: 'packages/store/src/audit/verify-audit.ts',
      find: 'last >= sequence',
      replace: 'false',
      breaks: 'alterations not found',
    },
    {
      mistake: 'signatures are not looked at',
      file: 'packages/store/src/audit/verify-audit.ts',
      find: 'if (isSigned(checkpoint)) return undefined',
      replace: 'return undefined',
      breaks: 'alterations not found',
    },
  ],
}
