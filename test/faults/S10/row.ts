import type { FaultRow } from '../row.ts'
import { trial } from './trial.ts'

export const s10: FaultRow = {
  row: 'S10',
  promise:
    'An agent is sent settings and bundles of rules that are forged, expired, older than what it has, for another, malformed, or say ' +
    'what is for the host alone: none is loaded, and those that are good are, between them. One that ends the agent is given up ' +
    'for the last good one within 3 restarts. Revisions that break some agents are rolled out to groups of 1 to 10,000, to 1, 10, ' +
    '100 %: none goes on when more than 1 % are bad.',
  short: (seed) => trial(seed, { documents: 140, crashes: 1, rollOuts: 20 }),
  long: (seed) => trial(seed, { documents: 1000, crashes: 4, rollOuts: 300 }),
  planted: [
    {
      mistake: 'a certified key is enough, whatever was signed',
      file: 'packages/manager/src/fleet/signed-assignment.ts',
      find: 'return mayItSign && verify(',
      replace: 'return mayItSign || verify(',
      breaks: 'loaded',
    },
    {
      mistake: 'an older one is taken again',
      file: 'packages/manager/src/fleet/signed-assignment.ts',
      find: 'if (serial < expected.floor) {',
      replace: 'if (serial < 0) {',
      breaks: 'loaded',
    },
    {
      mistake: 'nobody looks whether it is over',
      file: 'packages/manager/src/fleet/signed-assignment.ts',
      find: 'if (expiresAt <= expected.now) {',
      replace: 'if (expiresAt <= 0) {',
      breaks: 'loaded',
    },
    {
      mistake: 'a bundle is taken under any name',
      file: 'packages/manager/src/fleet/bundle.ts',
      find: 'if (sha256Of(bytes) !== sha256)',
      replace: 'if (sha256 === "")',
      breaks: 'loaded',
    },
    {
      mistake: 'all settings may be set from elsewhere',
      file: 'packages/manager/src/fleet/central-config.ts',
      find: 'if (!isWithin(path, centralSettings)) {',
      replace: 'if (path === "") {',
      breaks: 'loaded',
    },
    {
      mistake: 'what ends the agent is tried for ever',
      file: 'apps/agent/src/assigned/kept-assignments.ts',
      find: 'if (trial.tries >= MOST_TRIES) {',
      replace: 'if (trial.tries < 0) {',
      breaks: 'restarts until the last good one',
    },
    {
      mistake: 'a roll-out does not count who is bad',
      file: 'apps/server/src/fleet/roll-out.ts',
      find: 'if (bad.length * 100 > reached.length * ROLL_OUT_MOST_BAD) {',
      replace: 'if (bad.length < 0) {',
      breaks: 'went on with more than 1 % bad',
    },
  ],
}
