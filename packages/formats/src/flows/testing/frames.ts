import { Buffer } from 'node:buffer'
import { readAddress } from '../../observable/address.ts'
import { tcpFlags } from '../../packets/numbers.ts'

/** Frames as a network card would see them, made by hand. Checksums are zero: nothing here reads them. */

export interface Ends {
  readonly from: string
  readonly to: string
  readonly fromPort: number
  readonly toPort: number
}

export interface TcpSegment {
  /** Letters of `SAFRPU`. */
  readonly flags: string
  readonly sequence: number
  readonly acknowledgement?: number
  readonly payload?: Uint8Array
}

const FLAG_BITS: Readonly<Record<string, number>> = {
  S: tcpFlags.syn,
  A: tcpFlags.ack,
  F: tcpFlags.fin,
  R: tcpFlags.reset,
  P: tcpFlags.push,
  U: tcpFlags.urgent,
}

export function tcp(ends: Ends, segment: TcpSegment): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt16BE(ends.fromPort, 0)
  header.writeUInt16BE(ends.toPort, 2)
  header.writeUInt32BE(segment.sequence >>> 0, 4)
  header.writeUInt32BE((segment.acknowledgement ?? 0) >>> 0, 8)
  header[12] = 0x50
  for (const letter of segment.flags) header[13] = (header[13] ?? 0) | (FLAG_BITS[letter] ?? 0)
  header.writeUInt16BE(64_240, 14)
  return ip(ends, 6, Buffer.concat([header, segment.payload ?? Buffer.alloc(0)]))
}

export function udp(ends: Ends, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(ends.fromPort, 0)
  header.writeUInt16BE(ends.toPort, 2)
  header.writeUInt16BE(8 + payload.length, 4)
  return ip(ends, 17, Buffer.concat([header, payload]))
}

/** @param fragment identification, place of these bytes in the datagram, and whether more follow */
export function ip(
  ends: Pick<Ends, 'from' | 'to'>,
  protocol: number,
  payload: Uint8Array,
  fragment?: { readonly id: number; readonly at: number; readonly more: boolean },
): Buffer {
  const source = new Uint32Array(4)
  const destination = new Uint32Array(4)
  const family = readAddress(ends.from, source)
  readAddress(ends.to, destination)
  if (family === 4) {
    const header = Buffer.alloc(20)
    header[0] = 0x45
    header.writeUInt16BE(20 + payload.length, 2)
    if (fragment !== undefined) {
      header.writeUInt16BE(fragment.id, 4)
      header.writeUInt16BE((fragment.more ? 0x2000 : 0) | (fragment.at >> 3), 6)
    }
    header[8] = 64
    header[9] = protocol
    header.writeUInt32BE(source[0] ?? 0, 12)
    header.writeUInt32BE(destination[0] ?? 0, 16)
    return Buffer.concat([header, payload])
  }
  const extension = fragment === undefined ? Buffer.alloc(0) : Buffer.alloc(8)
  if (fragment !== undefined) {
    extension[0] = protocol
    extension.writeUInt16BE(fragment.at | (fragment.more ? 1 : 0), 2)
    extension.writeUInt32BE(fragment.id, 4)
  }
  const header = Buffer.alloc(40)
  header[0] = 0x60
  header.writeUInt16BE(extension.length + payload.length, 4)
  header[6] = fragment === undefined ? protocol : 44
  header[7] = 64
  for (let word = 0; word < 4; word += 1) {
    header.writeUInt32BE(source[word] ?? 0, 8 + 4 * word)
    header.writeUInt32BE(destination[word] ?? 0, 24 + 4 * word)
  }
  return Buffer.concat([header, extension, payload])
}

/** @param vlans tags, the outermost first */
export function ethernet(packet: Uint8Array, vlans: readonly number[] = []): Buffer {
  const type = (packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800
  const header = Buffer.alloc(14 + 4 * vlans.length)
  header.write('0242ac1100020242ac110003', 'hex')
  for (const [at, vlan] of vlans.entries()) {
    header.writeUInt16BE(at === 0 && vlans.length > 1 ? 0x88a8 : 0x8100, 12 + 4 * at)
    header.writeUInt16BE(vlan, 14 + 4 * at)
  }
  header.writeUInt16BE(type, header.length - 2)
  return Buffer.concat([header, packet])
}

export interface Captured {
  /** Milliseconds since the epoch. */
  readonly timeMs: number
  readonly frame: Uint8Array
}

/** A pcap file of them, of link type `linkType` (default: Ethernet). */
export function pcap(packets: readonly Captured[], linkType = 1): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(262_144, 16)
  header.writeUInt32LE(linkType, 20)
  const parts: Uint8Array[] = [header]
  for (const { timeMs, frame } of packets) {
    const record = Buffer.alloc(16)
    record.writeUInt32LE(Math.floor(timeMs / 1000), 0)
    record.writeUInt32LE(Math.round((timeMs % 1000) * 1000), 4)
    record.writeUInt32LE(frame.length, 8)
    record.writeUInt32LE(frame.length, 12)
    parts.push(record, frame)
  }
  return Buffer.concat(parts)
}

/** The frames of a whole connection in which the client says one thing and the server another, `stepMs` apart. */
export function connection(
  ends: Ends,
  said: { readonly client: string; readonly server: string },
  startMs: number,
  stepMs = 1,
): Captured[] {
  const back = { from: ends.to, to: ends.from, fromPort: ends.toPort, toPort: ends.fromPort }
  const asked = Buffer.from(said.client, 'latin1')
  const told = Buffer.from(said.server, 'latin1')
  const mine = 1000
  const theirs = 5000
  const afterAsked = mine + 1 + asked.length
  const afterTold = theirs + 1 + told.length
  const frames = [
    tcp(ends, { flags: 'S', sequence: mine }),
    tcp(back, { flags: 'SA', sequence: theirs, acknowledgement: mine + 1 }),
    tcp(ends, { flags: 'A', sequence: mine + 1, acknowledgement: theirs + 1 }),
    tcp(ends, { flags: 'PA', sequence: mine + 1, acknowledgement: theirs + 1, payload: asked }),
    tcp(back, { flags: 'PA', sequence: theirs + 1, acknowledgement: afterAsked, payload: told }),
    tcp(ends, { flags: 'FA', sequence: afterAsked, acknowledgement: afterTold }),
    tcp(back, { flags: 'FA', sequence: afterTold, acknowledgement: afterAsked + 1 }),
    tcp(ends, { flags: 'A', sequence: afterAsked + 1, acknowledgement: afterTold + 1 }),
  ]
  return frames.map((frame, at) => ({ timeMs: startMs + at * stepMs, frame: ethernet(frame) }))
}
