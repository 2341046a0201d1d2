import { ipv6Text } from '@vedette/linux'

/** The text of an IPv4 address (4 bytes) or an IPv6 address (16 bytes; an IPv4-mapped one is given as IPv4). */
export function addressText(bytes: Uint8Array, at: number, isIpv4: boolean): string {
  return isIpv4
    ? `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
    : ipv6Text(bytes.subarray(at, at + 16))
}
