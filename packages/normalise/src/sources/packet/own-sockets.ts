import { networkInterfaces } from 'node:os'
import { readProcessStat, readSocketOwners } from '@vedette/linux'
import type { FoundSocket } from './socket-book.ts'

/** What this host says of itself, for what packets do not show. */
export interface OwnHost {
  /** Addresses of its network interfaces. */
  addresses(): ReadonlySet<string>
  /** Sockets that are open now. Takes its time: see `readSocketOwners`. */
  sockets(): readonly FoundSocket[]
}

export const thisHost: OwnHost = {
  addresses: () =>
    new Set(
      Object.values(networkInterfaces()).flatMap((all) =>
        // A zone (`%eth0`) is no part of what packets carry.
        (all ?? []).map(({ address }) => address.replace(/%.*$/, '')),
      ),
    ),
  sockets: () => {
    const starts = new Map<number, number | undefined>()
    return readSocketOwners().flatMap(({ protocol, localPort, remoteAddress, remotePort, pid }) => {
      if (!starts.has(pid)) starts.set(pid, readProcessStat(pid)?.startTicks)
      const startTicks = starts.get(pid)
      return startTicks === undefined
        ? []
        : { protocol, localPort, remoteAddress, remotePort, process: { pid, startTicks } }
    })
  },
}
