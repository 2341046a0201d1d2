import type { FaultRow } from '../row.ts'
import { doors } from './doors.ts'

export const s12: FaultRow = {
  row: 'S12',
  promise:
    'Operations deeper than 10, with more than 50 aliases, in batches of more than 10, plainly and through fragments, over HTTP and ' +
    'over sockets: refused before any resolver runs, and those just within the limits are answered. Sockets of pages of another ' +
    'origin are not opened. When a credential is revoked its sockets close within 5 s, also where the other end does not answer.',
  short: (seed) => doors(seed, { rounds: 2, sockets: 4 }),
  long: (seed) => doors(seed, { rounds: 60, sockets: 200 }),
  planted: [
    {
      mistake: 'operations may be of any depth',
      file: 'apps/server/src/graphql/limits.ts',
      find: 'MAX_DEPTH = 10',
      replace: 'MAX_DEPTH = 1000',
      breaks: 'refused for another reason',
    },
    {
      mistake: 'operations may have any number of aliases',
      file: 'apps/server/src/graphql/limits.ts',
      find: 'MAX_ALIASES = 50',
      replace: 'MAX_ALIASES = 5000',
      breaks: 'too deep, aliased or many, and let in',
    },
    {
      mistake: 'batches may be of any length',
      file: 'apps/server/src/graphql/limits.ts',
      find: 'MAX_BATCH = 10',
      replace: 'MAX_BATCH = 1000',
      breaks: 'resolvers that ran before a refusal',
    },
    {
      mistake: 'the origin of a socket is not looked at',
      file: 'apps/server/src/graphql/socket.ts',
      find: '!isOwnOrigin(request, originRules)',
      replace: 'false',
      breaks: 'of these, opened',
    },
    {
      mistake: 'who does not answer the close stays connected',
      file: 'apps/server/src/access/open-sockets.ts',
      find: 'socket.terminate(), ANSWER_WITHIN_MS',
      replace: 'undefined, ANSWER_WITHIN_MS',
      breaks: 'not closed within 5 s',
    },
  ],
}
