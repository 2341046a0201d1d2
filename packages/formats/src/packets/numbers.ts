/** Link types that packets begin with (tcpdump.org/linktypes.html); only these are read. */
export const linkTypes = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  pppHdlc: 50,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const

/** EtherType numbers (IEEE 802). */
export const etherTypes = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  oldServiceVlan: 0x9100,
  bridged: 0x6558,
  pppSession: 0x8864,
  mpls: 0x8847,
} as const

/** Assigned Internet protocol numbers (IANA). */
export const ipProtocols = {
  hopByHop: 0,
  icmp: 1,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  authentication: 51,
  icmp6: 58,
  none: 59,
  destinationOptions: 60,
  sctp: 132,
  mobility: 135,
  hip: 139,
  shim6: 140,
} as const

/** Bits of the TCP header's flags (RFC 9293, 3.1). */
export const tcpFlags = { fin: 1, syn: 2, reset: 4, push: 8, ack: 16, urgent: 32, ece: 64, cwr: 128 } as const
