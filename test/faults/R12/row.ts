import type { FaultRow } from '../row.ts'
import { hours } from './hours.ts'

export const r12: FaultRow = {
  row: 'R12',
  promise:
    'A server with its own stores and the rules of the house under 1,000 events a second of ten agents, for two hours ' +
    '(`--hours 24` for a day). The first quarter left out, its memory does not grow, nor its open files, and its event loop is ' +
    'free; all that was acknowledged is stored.',
  short: (seed) =>
    hours(seed, {
      agents: 4,
      eventsPerSecond: 1000,
      attackEvery: 1000,
      lengthMs: 6000,
      lookEveryMs: 250,
      builtInRules: false,
      // It is still filling what it keeps: what must be found is a leak with every batch.
      bounds: {
        'acknowledged and lost': { be: 0 },
        restarts: { be: 0 },
        'memory, MiB more in the second half': { beAtMost: 150 },
        'file descriptors, more in the second half': { beAtMost: 30 },
        'event loop p99 between two looks, most, ms': { beAtMost: 1000 },
      },
    }),
  long: (seed, { hours: length = 2 } = {}) =>
    hours(seed, {
      agents: 10,
      eventsPerSecond: 1000,
      attackEvery: 20_000,
      lengthMs: length * 3_600_000,
      lookEveryMs: 10_000,
      builtInRules: true,
      bounds: {
        hours: { beAtLeast: 2 },
        'events a second': { beAtLeast: 990 },
        'acknowledged and lost': { be: 0 },
        restarts: { be: 0 },
        'memory, MiB more an hour': { beAtMost: 1 },
        'file descriptors, more in the second half': { beAtMost: 0 },
        'event loop p99 between two looks, median, ms': { beAtMost: 50 },
      },
    }),
  planted: [
    {
      mistake: 'something is kept of every batch',
      file: 'packages/manager/src/intake.ts',
      find: 'emitted += batch.events.length\n',
      replace:
        'emitted += batch.events.length\n      ;(globalThis as { kept?: Buffer[] }).kept ??= []\n' +
        '      ;(globalThis as { kept?: Buffer[] }).kept?.push(Buffer.alloc(3 << 20, 1))\n',
      breaks: 'memory, MiB more in the second half',
    },
    {
      mistake: 'a file is left open with every batch',
      file: 'packages/manager/src/intake.ts',
      find: 'emitted += batch.events.length\n',
      replace:
        "emitted += batch.events.length\n      process.getBuiltinModule('node:fs').openSync('/dev/null')\n",
      breaks: 'file descriptors, more in the second half',
    },
    {
      mistake: 'some batches hold up everything else',
      file: 'packages/manager/src/intake.ts',
      find: 'emitted += batch.events.length\n',
      replace:
        'emitted += batch.events.length\n' +
        '      const until = performance.now() + (batch.sequence % 40 === 7 ? 2000 : 0)\n      while (performance.now() < until);\n',
      breaks: 'event loop p99 between two looks, most, ms',
    },
  ],
}
