import type { BlindSpot } from '@vedette/model'
import type { EbpfConfig } from './config.ts'
import type { KindName } from './kinds.ts'

/** What this sensor cannot see by its nature, by its configuration, and by what it found on this host. */
export function blindSpots(
  config: EbpfConfig,
  unreadable: readonly string[],
  full: boolean,
  losing: readonly KindName[] = [],
  machine: string = process.arch,
): BlindSpot[] {
  const spots: BlindSpot[] = [
    {
      code: 'io-uring',
      message:
        'What is done through io_uring is counted by process, and opens and connects are named, but it is not told as access to a watched file or as a connection; on kernels before 6.4 it is not seen at all. kernel.io_uring_disabled=2 closes this way',
    },
    {
      code: 'open-descriptors',
      message:
        'A file is told when it is opened, not at each write: a descriptor that was opened before the watch began, or was handed over by another process, writes unseen',
    },
    {
      code: 'containers',
      message:
        'Renaming, removing and changing attributes by a path is followed only outside of containers; inside of one, opening a watched file of the host is seen',
    },
  ]
  if (machine !== 'x64') {
    spots.push({
      code: '32-bit-programs',
      message:
        'What 32-bit programs do to watched files by a path is not told, or told wrongly: on this machine their calls ' +
        'have numbers that the sensor does not know; opening is seen',
    })
  }
  if (machine === 'x64' && !config.watch_every_call) {
    spots.push({
      code: '32-bit-calls',
      message:
        'System calls of 32-bit programs are watched from the first start of one on, so what that one does at once is not told, nor calls that a 64-bit program makes the 32-bit way (int 0x80) before; programs and connections are. watch_every_call closes this, and so does a kernel that is started with ia32_emulation=0',
    })
  }
  if (config.network) {
    spots.push({
      code: 'datagrams',
      message:
        'What is asked of a name server by write(2), datagrams that 32-bit programs send by sendmsg(2), and those that go through io_uring are not told',
    })
  } else {
    spots.push({
      code: 'network-off',
      message: 'Connections are not told: network is false in the configuration',
    })
  }
  if (unreadable.length > 0) {
    spots.push({
      code: 'watch-unreadable',
      message: `These watched paths cannot be looked at without CAP_DAC_READ_SEARCH: ${unreadable.join(', ')}`,
    })
  }
  if (losing.length > 0) {
    // What looks for a path belongs to files.
    const kinds = new Set(losing.map((kind) => (kind === 'path' ? 'file' : kind)))
    spots.push({
      code: 'overload',
      message: `More happens than can be told; of these kinds some are lost, and counted: ${[...kinds].join(', ')}`,
    })
  }
  if (full) {
    spots.push({
      code: 'watch-full',
      message:
        'More files are to be watched than fit into the tables of the kernel (4096); some are left out',
    })
  }
  return spots
}
