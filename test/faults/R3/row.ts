import type { FaultRow } from '../row.ts'
import { corruption } from './corruption.ts'
import { crashes } from './crashes.ts'

export const r3: FaultRow = {
  row: 'R3',
  promise:
    'The spool on a file system that forgets: a crash drops what was not synced, tears writes, loses sectors in the middle ' +
    'and keeps or loses names in any order. No batch that was acknowledged as kept is lost. And a byte that is flipped or cut ' +
    'out, at every place of a segment: no altered batch is given out, no start fails, and every event that is missing is ' +
    'counted.',
  short: async (seed) => [...(await crashes(seed, 150)), ...(await corruption(seed, 1))],
  long: async (seed) => [...(await crashes(seed, 10_000)), ...(await corruption(seed, 8))],
  planted: [
    {
      mistake: 'a batch is acknowledged before the file is synced',
      file: 'packages/store/src/spool/spool-lane.ts',
      find: 'await file.write(bytes)\n      await file.sync()',
      replace: 'await file.write(bytes)',
      breaks: 'kept and lost in a crash',
    },
    {
      mistake: 'the name of a new segment is not synced',
      file: 'packages/store/src/spool/spool-lane.ts',
      find: 'await file.sync()\n      await this.#files.syncFolder()',
      replace: 'await file.sync()',
      breaks: 'kept and lost in a crash',
    },
    {
      mistake: 'the checksum of a payload is not looked at',
      file: 'packages/store/src/spool/record.ts',
      find: 'crc32(payload) === header.payloadCrc ? payload',
      replace: 'crc32(payload) >= 0 ? payload',
      breaks: 'altered, or a start that failed',
    },
    {
      mistake: 'what a damaged stretch held is not counted',
      file: 'packages/store/src/spool/spool-lane.ts',
      find: 'this.#lost += lostEvents\n',
      replace: '\n',
      breaks: 'missing and not counted',
    },
  ],
}
