import type { FaultRow, Figure } from '../row.ts'
import { outage } from './outage.ts'

const MIB = 1 << 20

const named = (title: string, figures: readonly Figure[]): Figure[] =>
  figures.map((figure) => ({ ...figure, name: `${title}: ${figure.name}` }))

export const r4: FaultRow = {
  row: 'R4',
  promise:
    'An agent whose server is away while 500 events come each second: an hour of it with a spool of 1 GiB and again with 64 MiB ' +
    '(given as fast as the disk takes it). Then the server is back and the 500 go on coming. Nothing is lost where there is ' +
    'room; where there is none every event that is missing is counted, and those of alerts are not among them; the disk is never ' +
    'above the cap; the backlog leaves at three times the live rate or more, and an alert of that time does not wait behind it.',
  short: async (seed) => [
    ...named('64 MiB', await outage(seed, { capBytes: 64 * MIB, batches: 60, urgentEvery: 20 })),
    ...named('1 MiB', await outage(seed, { capBytes: MIB, batches: 300, urgentEvery: 4, mustDrop: true })),
  ],
  long: async (seed) => [
    ...named(
      '1 GiB',
      await outage(seed, { capBytes: 1024 * MIB, batches: 14_400, urgentEvery: 100, urgentWithinMs: 2000 }),
    ),
    ...named(
      '64 MiB',
      await outage(seed, {
        capBytes: 64 * MIB,
        batches: 14_400,
        urgentEvery: 8,
        mustDrop: true,
        urgentWithinMs: 2000,
      }),
    ),
  ],
  planted: [
    {
      mistake: 'a batch for which there is no room is dropped and not counted',
      file: 'packages/store/src/spool/spool-lane.ts',
      find: '    this.#lost += events\n    this.#givenUp.set',
      replace: '    this.#givenUp.set',
      breaks: '1 MiB: missing and not counted',
    },
    {
      mistake: 'an urgent batch does not take the place of bulk',
      file: 'packages/store/src/spool/disk-spool.ts',
      find: 'await bulk.giveUpNewest()',
      replace: 'await Promise.resolve(false)',
      breaks: '1 MiB: alerts lost',
    },
    {
      mistake: 'bulk is kept although there is no room for it',
      file: 'packages/store/src/spool/disk-spool.ts',
      find: 'Promise.resolve(fits(bulkBytes))',
      replace: 'Promise.resolve(true || fits(bulkBytes))',
      breaks: '1 MiB: most on disk over the cap, bytes',
    },
  ],
}
