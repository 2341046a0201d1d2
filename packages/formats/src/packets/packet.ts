import type { Fragments } from './fragments.ts'
import { etherTypes, ipProtocols, linkTypes } from './numbers.ts'

/** How many tunnels are looked into, one in the other. */
const DEEPEST_TUNNEL = 2
/** How many extension headers of IPv6 are passed over. */
const MOST_EXTENSIONS = 12
const MOST_VLANS = 2
const VXLAN_PORT = 4789
const TEREDO_PORT = 3544

/** Why a packet was not read to its end. */
export type NotRead = 'link-type' | 'not-ip' | 'cut-short' | 'malformed' | 'fragment'

/**
 * One packet, from its link layer to its transport. One object is used for all packets: nothing is allocated for a packet
 * but where datagrams are put together from fragments. Numbers are as in the headers; 32-bit ones of TCP are given signed.
 */
export class Packet {
  readonly #fragments: Fragments
  /** What it lies in; for a datagram of fragments its payload. Valid until the next call. */
  bytes: Uint8Array = new Uint8Array(0)
  timeMs = 0
  /** How many packets, and bytes on the wire, this one stands for: more than one where it came in fragments. */
  packets = 1
  wireBytes = 0
  realm = 0
  readonly vlans = new Uint16Array(MOST_VLANS)
  vlanCount = 0
  family: 4 | 6 = 4
  /** Source (words 0-3) and destination (words 4-7); IPv4 has one word of each, the others are 0. */
  readonly addresses = new Uint32Array(8)
  /** Number of the transport protocol; see `ipProtocols`. */
  protocol = 0
  /** Of TCP, UDP and SCTP; else 0. */
  sourcePort = 0
  destinationPort = 0
  /** Of TCP. */
  flags = 0
  sequence = 0
  acknowledgement = 0
  window = 0
  /** Of ICMP and ICMPv6. */
  icmpType = 0
  icmpCode = 0
  icmpId = 0
  /** What the transport carries: of `bytes`. */
  payloadStart = 0
  payloadEnd = 0
  /** Bytes of the payload that the packet had on the wire, and that the capture cut away. */
  missing = 0
  /** Link or network layer of the packet that this one carries; -1 where it is no tunnel. */
  #innerLink = -1
  #depth = 0
  #end = 0
  #cut = 0

  constructor(fragments: Fragments) {
    this.#fragments = fragments
  }

  /**
   * Reads a packet; returns why it could not be read, undefined where it could.
   *
   * @param vlan a tag that was taken off before; -1 where there was none
   * @param realm where the packet was seen: packets of different realms never belong together
   */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    wireLength: number,
    linkType: number,
    timeMs: number,
    vlan = -1,
    realm = 0,
  ): NotRead | undefined {
    this.bytes = bytes
    this.realm = realm
    this.timeMs = timeMs
    this.packets = 1
    this.wireBytes = wireLength
    this.vlanCount = 0
    if (vlan >= 0) this.#addVlan(vlan)
    this.#depth = 0
    this.#end = end
    this.#cut = Math.max(0, wireLength - (end - start))
    return this.#link(linkType, start)
  }

  /** Goes on to the packet that this one carries. Returns false where it is no tunnel, or none that is understood. */
  enterTunnel(): boolean {
    const link = this.#innerLink
    if (link < 0 || this.#depth >= DEEPEST_TUNNEL) return false
    this.#depth += 1
    const start = this.payloadStart
    this.#end = this.payloadEnd
    this.#cut = this.missing
    this.packets = 1
    this.wireBytes = this.payloadEnd - start + this.missing
    return this.#link(link, start) === undefined
  }

  #link(linkType: number, start: number): NotRead | undefined {
    const { bytes } = this
    const left = this.#end - start
    this.#innerLink = -1
    switch (linkType) {
      case linkTypes.ethernet:
        return left < 14 ? 'cut-short' : this.#etherType(u16(bytes, start + 12), start + 14)
      case linkTypes.linuxCooked:
        return left < 16 ? 'cut-short' : this.#etherType(u16(bytes, start + 14), start + 16)
      case linkTypes.linuxCooked2:
        return left < 20 ? 'cut-short' : this.#etherType(u16(bytes, start), start + 20)
      case linkTypes.null:
      case linkTypes.loop:
        // The family's number is that of the machine, in its byte order: the packet itself says the same.
        return left < 4 ? 'cut-short' : this.#anyIp(start + 4)
      case linkTypes.raw:
      case linkTypes.rawBsd:
      case linkTypes.rawOpenBsd:
      case linkTypes.ipv4:
      case linkTypes.ipv6:
        return this.#anyIp(start)
      case linkTypes.ppp:
      case linkTypes.pppHdlc: {
        // Address and control (RFC 1662, 3.1) may have been left out.
        const at = left >= 2 && bytes[start] === 0xff && bytes[start + 1] === 0x03 ? start + 2 : start
        return this.#ppp(at)
      }
      default:
        return 'link-type'
    }
  }

  #ppp(at: number): NotRead | undefined {
    if (this.#end - at < 2) return 'cut-short'
    const protocol = u16(this.bytes, at)
    return protocol === 0x0021 || protocol === 0x0057 ? this.#anyIp(at + 2) : 'not-ip'
  }

  #etherType(type: number, at: number): NotRead | undefined {
    const { bytes } = this
    for (let tags = 0; tags < 4; tags += 1) {
      switch (type) {
        case etherTypes.ipv4:
        case etherTypes.ipv6:
          return this.#anyIp(at)
        case etherTypes.vlan:
        case etherTypes.serviceVlan:
        case etherTypes.oldServiceVlan:
          if (this.#end - at < 4) return 'cut-short'
          this.#addVlan(u16(bytes, at) & 0xfff)
          type = u16(bytes, at + 2)
          at += 4
          break
        case etherTypes.pppSession:
          return this.#ppp(at + 6)
        case etherTypes.mpls: {
          // Labels up to the one at the bottom of the stack (RFC 3032, 2.1); what follows says itself what it is.
          let labels = 0
          for (; labels < 8; labels += 1) {
            if (this.#end - at < 4) return 'cut-short'
            const bottom = (bytes[at + 2] ?? 0) & 1
            at += 4
            if (bottom === 1) break
          }
          return this.#anyIp(at)
        }
        default:
          return 'not-ip'
      }
    }
    return 'malformed'
  }

  #addVlan(vlan: number): void {
    if (this.vlanCount >= MOST_VLANS) return
    this.vlans[this.vlanCount] = vlan
    this.vlanCount += 1
  }

  #anyIp(at: number): NotRead | undefined {
    if (this.#end <= at) return 'cut-short'
    const version = (this.bytes[at] ?? 0) >> 4
    return version === 4 ? this.#ipv4(at) : version === 6 ? this.#ipv6(at) : 'not-ip'
  }

  #ipv4(at: number): NotRead | undefined {
    const { bytes, addresses } = this
    if (this.#end - at < 20) return 'cut-short'
    const headerBytes = ((bytes[at] ?? 0) & 15) * 4
    if (headerBytes < 20) return 'malformed'
    const total = u16(bytes, at + 2)
    // 0: the network card cuts what is sent into packets later (segmentation offload).
    if (total !== 0 && total < headerBytes) return 'malformed'
    if (this.#end - at < headerBytes) return 'cut-short'
    if (total !== 0) this.#bound(at + total)
    this.family = 4
    addresses[0] = u32(bytes, at + 12)
    addresses[1] = 0
    addresses[2] = 0
    addresses[3] = 0
    addresses[4] = u32(bytes, at + 16)
    addresses[5] = 0
    addresses[6] = 0
    addresses[7] = 0
    this.protocol = bytes[at + 9] ?? 0
    const fragment = u16(bytes, at + 6)
    const more = (fragment & 0x2000) !== 0
    const offset = (fragment & 0x1fff) * 8
    const payload = at + headerBytes
    return more || offset > 0
      ? this.#fragment(u16(bytes, at + 4), payload, offset, more)
      : this.#transport(payload)
  }

  #ipv6(at: number): NotRead | undefined {
    const { bytes, addresses } = this
    if (this.#end - at < 40) return 'cut-short'
    const length = u16(bytes, at + 4)
    // 0: a jumbogram (RFC 2675), or cut by the network card later.
    if (length !== 0) this.#bound(at + 40 + length)
    this.family = 6
    for (let word = 0; word < 8; word += 1) addresses[word] = u32(bytes, at + 8 + 4 * word)
    let next = bytes[at + 6] ?? 0
    let from = at + 40
    for (let extensions = 0; extensions <= MOST_EXTENSIONS; extensions += 1) {
      switch (next) {
        case ipProtocols.hopByHop:
        case ipProtocols.routing:
        case ipProtocols.destinationOptions:
        case ipProtocols.mobility:
        case ipProtocols.hip:
        case ipProtocols.shim6:
        case ipProtocols.authentication: {
          if (this.#end - from < 8) return 'cut-short'
          const units = bytes[from + 1] ?? 0
          const size = next === ipProtocols.authentication ? (units + 2) * 4 : (units + 1) * 8
          next = bytes[from] ?? 0
          from += size
          break
        }
        case ipProtocols.fragment: {
          if (this.#end - from < 8) return 'cut-short'
          next = bytes[from] ?? 0
          const field = u16(bytes, from + 2)
          const id = u32(bytes, from + 4)
          from += 8
          // A fragment that is the whole (RFC 6946).
          if ((field & 0xfff9) === 0) break
          this.protocol = next
          return this.#fragment(id, from, field & 0xfff8, (field & 1) === 1)
        }
        default:
          this.protocol = next
          return this.#transport(from)
      }
      if (from > this.#end) return 'cut-short'
    }
    return 'malformed'
  }

  /** Ends what is read where the network layer says; padding behind it is left out. */
  #bound(end: number): void {
    if (end <= this.#end) {
      this.#end = end
      this.#cut = 0
    } else this.#cut = end - this.#end
  }

  #fragment(id: number, start: number, offset: number, more: boolean): NotRead | undefined {
    if (this.#cut > 0) return 'cut-short'
    if (start >= this.#end) return 'malformed'
    const { addresses } = this
    const whole = this.#fragments.add(
      `${addresses.join()} ${this.protocol} ${id} ${this.realm} ${this.#depth}`,
      this.bytes.subarray(start, this.#end),
      offset,
      more,
      this.wireBytes,
      this.timeMs,
    )
    if (whole === undefined) return 'fragment'
    this.bytes = whole.payload
    this.packets = whole.packets
    this.wireBytes = whole.wireBytes
    this.#end = whole.payload.length
    return this.#transport(0)
  }

  #transport(at: number): NotRead | undefined {
    const { bytes } = this
    const left = this.#end - at
    this.sourcePort = 0
    this.destinationPort = 0
    this.flags = 0
    this.payloadStart = at
    this.payloadEnd = this.#end
    this.missing = this.#cut
    switch (this.protocol) {
      case ipProtocols.tcp: {
        if (left < 20) return 'cut-short'
        const headerBytes = ((bytes[at + 12] ?? 0) >> 4) * 4
        if (headerBytes < 20) return 'malformed'
        if (left < headerBytes) return 'cut-short'
        this.#ports(at)
        this.sequence = i32(bytes, at + 4)
        this.acknowledgement = i32(bytes, at + 8)
        this.flags = bytes[at + 13] ?? 0
        this.window = u16(bytes, at + 14)
        this.payloadStart = at + headerBytes
        return undefined
      }
      case ipProtocols.udp: {
        if (left < 8) return 'cut-short'
        this.#ports(at)
        const length = u16(bytes, at + 4)
        if (length !== 0 && length < 8) return 'malformed'
        // 0: a jumbogram (RFC 2675).
        if (length !== 0 && at + length <= this.#end) {
          this.payloadEnd = at + length
          this.missing = 0
        }
        this.payloadStart = at + 8
        this.#udpTunnel()
        return undefined
      }
      case ipProtocols.sctp:
        if (left < 12) return 'cut-short'
        this.#ports(at)
        this.payloadStart = at + 12
        return undefined
      case ipProtocols.icmp:
      case ipProtocols.icmp6:
        if (left < 4) return 'cut-short'
        this.icmpType = bytes[at] ?? 0
        this.icmpCode = bytes[at + 1] ?? 0
        this.icmpId = left >= 6 ? u16(bytes, at + 4) : 0
        this.payloadStart = Math.min(at + 8, this.#end)
        return undefined
      case ipProtocols.ipv4:
      case ipProtocols.ipv6:
        this.#innerLink = linkTypes.raw
        return undefined
      case ipProtocols.gre:
        this.#gre(at)
        return undefined
      default:
        return undefined
    }
  }

  #ports(at: number): void {
    this.sourcePort = u16(this.bytes, at)
    this.destinationPort = u16(this.bytes, at + 2)
  }

  /** RFC 2784 and 2890; version 1 carries PPP (RFC 2637). */
  #gre(at: number): void {
    const { bytes } = this
    if (this.#end - at < 4) return
    const flags = u16(bytes, at)
    const type = u16(bytes, at + 2)
    let inner = at + 4
    if (flags & 0x8000) inner += 4
    if (flags & 0x2000) inner += 4
    if (flags & 0x1000) inner += 4
    // An acknowledgement, of version 1 only.
    if ((flags & 7) === 1 && flags & 0x0080) inner += 4
    if (inner >= this.#end || flags & 0x4000) return
    this.payloadStart = inner
    if ((flags & 7) === 1) this.#innerLink = linkTypes.ppp
    else if (type === etherTypes.ipv4 || type === etherTypes.ipv6) this.#innerLink = linkTypes.raw
    else if (type === etherTypes.bridged) this.#innerLink = linkTypes.ethernet
  }

  #udpTunnel(): void {
    const { bytes, payloadStart: at } = this
    const left = this.payloadEnd - at
    if (this.destinationPort === VXLAN_PORT) {
      // RFC 7348, 5: the flag says that the network's number is there; what is reserved is zero.
      if (left < 8 + 14 || bytes[at] !== 0x08 || u16(bytes, at + 1) !== 0 || bytes[at + 3] !== 0) return
      this.payloadStart = at + 8
      this.#innerLink = linkTypes.ethernet
    } else if (this.destinationPort === TEREDO_PORT || this.sourcePort === TEREDO_PORT) {
      const inner = this.#teredo(at)
      if (inner < 0) return
      this.payloadStart = inner
      this.#innerLink = linkTypes.ipv6
    }
  }

  /** Where the IPv6 packet begins behind the indications of RFC 4380, 5.1.1; -1 where it is something else. */
  #teredo(start: number): number {
    const { bytes } = this
    let at = start
    if (u16(bytes, at) === 0x0001) at += 13 + (bytes[at + 2] ?? 0) + (bytes[at + 3] ?? 0)
    if (u16(bytes, at) === 0x0000) at += 8
    const isIpv6 = this.payloadEnd - at >= 40 && (bytes[at] ?? 0) >> 4 === 6
    return isIpv6 && u16(bytes, at + 4) === this.payloadEnd - at - 40 ? at : -1
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function i32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  )
}

function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0
}
