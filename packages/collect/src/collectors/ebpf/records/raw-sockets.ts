import type { NetworkEvent, SocketRecord } from '@vedette/model'
import { actor, type Chunk, type DecodeContext } from './chunk.ts'
import { errorName } from './sockets.ts'

/** As in bpf/raw-sockets.bpf.h. */
const layout = { family: 6, type: 7, protocol: 8, result: 9 } as const

/** include/linux/socket.h; those that a program of today may ask for. */
const families: Readonly<Record<number, string>> = {
  2: 'AF_INET',
  3: 'AF_AX25',
  4: 'AF_IPX',
  9: 'AF_X25',
  10: 'AF_INET6',
  15: 'AF_KEY',
  16: 'AF_NETLINK',
  17: 'AF_PACKET',
  21: 'AF_RDS',
  23: 'AF_IRDA',
  24: 'AF_PPPOX',
  26: 'AF_LLC',
  29: 'AF_CAN',
  30: 'AF_TIPC',
  31: 'AF_BLUETOOTH',
  33: 'AF_RXRPC',
  38: 'AF_ALG',
  39: 'AF_NFC',
  40: 'AF_VSOCK',
  41: 'AF_KCM',
  42: 'AF_QIPCRTR',
  43: 'AF_SMC',
  44: 'AF_XDP',
  45: 'AF_MCTP',
}

const types: Readonly<Record<number, string>> = {
  1: 'SOCK_STREAM',
  2: 'SOCK_DGRAM',
  3: 'SOCK_RAW',
  4: 'SOCK_RDM',
  5: 'SOCK_SEQPACKET',
  10: 'SOCK_PACKET',
}

/** Names of protocols by family; of AF_PACKET as on the wire (include/uapi/linux/if_ether.h). */
const protocols: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  AF_INET: { 0: 'IPPROTO_IP', 1: 'IPPROTO_ICMP', 6: 'IPPROTO_TCP', 17: 'IPPROTO_UDP', 255: 'IPPROTO_RAW' },
  AF_INET6: { 6: 'IPPROTO_TCP', 17: 'IPPROTO_UDP', 58: 'IPPROTO_ICMPV6', 255: 'IPPROTO_RAW' },
  AF_NETLINK: { 6: 'NETLINK_XFRM', 9: 'NETLINK_AUDIT', 11: 'NETLINK_CONNECTOR', 12: 'NETLINK_NETFILTER' },
  AF_PACKET: {
    3: 'ETH_P_ALL',
    0x800: 'ETH_P_IP',
    0x806: 'ETH_P_ARP',
    0x86dd: 'ETH_P_IPV6',
    0x888e: 'ETH_P_PAE',
  },
}

const SOCK_TYPE = 15
const nowhere = { address: '0.0.0.0', port: 0 } as const

/** A socket for whole packets, or of a family that few programs use. */
export function decodeRawSocket(chunk: Chunk, at: number, context: DecodeContext): SocketRecord {
  const { words } = chunk
  const family = words[at + layout.family] as number
  const type = (words[at + layout.type] as number) & SOCK_TYPE
  const number = words[at + layout.protocol] as number
  const result = (words[at + layout.result] as number) | 0
  const familyName = families[family] ?? String(family)
  const protocol = familyName === 'AF_PACKET' ? ((number & 0xff) << 8) | ((number >> 8) & 0xff) : number
  const kind: NetworkEvent['protocol'] =
    familyName === 'AF_PACKET' ? 'packet' : familyName.startsWith('AF_INET') ? 'raw' : 'other'
  return {
    source: 'ebpf',
    type: 'raw',
    timeMs: context.time(chunk, at),
    process: actor(chunk, at),
    protocol: kind,
    local: nowhere,
    socket: {
      family: familyName,
      type: types[type] ?? String(type),
      protocol: protocols[familyName]?.[protocol] ?? String(protocol),
    },
    ...(result < 0 && { result: errorName(-result) }),
  }
}
