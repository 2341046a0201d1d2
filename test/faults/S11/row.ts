import type { FaultRow } from '../row.ts'
import { addresses } from './addresses.ts'
import { archives } from './archives.ts'

export const s11: FaultRow = {
  row: 'S11',
  promise:
    'Feeds whose address reaches inside, in every spelling (octal, hexadecimal, IPv4 within IPv6, metadata services), by a name with two ' +
    'addresses or one that changes, by a redirection: none is taken, and nobody connects. Archives and feeds of 10 GiB or of a ' +
    'million entries are stopped within a second of the processor; a link leads out of no archive and no folder.',
  short: async (seed) => [...(await addresses(seed, 20)), ...(await archives())],
  long: async (seed) => [...(await addresses(seed, 5000)), ...(await archives(1000))],
  planted: [
    {
      mistake: 'private addresses are not looked for',
      file: 'packages/intel/src/feeds/checked-address.ts',
      find: 'if (purpose !== undefined) {',
      replace: 'if (false) {',
      breaks: 'connections to what is inside',
    },
    {
      mistake: 'the first address of a name is looked at alone',
      file: 'packages/intel/src/feeds/checked-address.ts',
      find: 'of addresses) {',
      replace: 'of addresses.slice(0, 1)) {',
      breaks: 'of these, taken',
    },
    {
      mistake: 'a redirection is followed to wherever it leads',
      file: 'packages/intel/src/feeds/get-document.ts',
      find: 'next?.origin !== url.origin',
      replace: 'next === null',
      breaks: 'connections to what is inside',
    },
    {
      mistake: 'how far an archive unpacks is not looked at',
      file: 'packages/manager/src/workshop/read-pack.ts',
      find: 'isBomb ||',
      replace: '',
      breaks: 'of these, taken whole',
    },
    {
      mistake: 'a name that leads out of its archive is taken',
      file: 'packages/manager/src/workshop/read-pack.ts',
      find: "parts.includes('..') ?",
      replace: 'false ?',
      breaks: 'files read of archive and folder with links',
    },
  ],
}
