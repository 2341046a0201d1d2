import { linkTypes } from '@vedette/formats/flows'

/** What packets of an interface begin with, by its ARPHRD_ number (linux/if_arp.h); the others are not understood. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [1, linkTypes.ethernet],
  /** Loopback: with a header as of Ethernet. */
  [772, linkTypes.ethernet],
  [512, linkTypes.raw],
  /** No header at all: tun, WireGuard. */
  [65_534, linkTypes.raw],
  [65_535, linkTypes.raw],
  /** Tunnels show what they carry: ipip, ip6tnl, sit, GRE of both kinds. */
  [768, linkTypes.raw],
  [769, linkTypes.raw],
  [776, linkTypes.raw],
  [778, linkTypes.raw],
  [823, linkTypes.raw],
  /** Raw IP of modems. */
  [519, linkTypes.raw],
])

export function linkTypeOf(hardwareType: number): number | undefined {
  return LINK_TYPES.get(hardwareType)
}
