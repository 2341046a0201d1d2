import { ByteReader } from '../bytes/byte-reader.ts'
import { varint } from './varint.ts'
import { quicVersion, type QuicVersion } from './version.ts'

/** RFC 9000, 17.2: the version's own connection ids are no longer. */
const MOST_CONNECTION_ID = 20

/** A packet with a long header: of the beginning of a connection. */
export interface LongHeader {
  readonly version: QuicVersion
  readonly kind: 'initial' | 'retry' | 'other'
  readonly destination: Uint8Array
  readonly source: Uint8Array
  /** The whole packet; more may follow in the same datagram. */
  readonly packet: Uint8Array
  /** Where its number begins. */
  readonly numberAt: number
}

/** The packet that `bytes` begin with (RFC 9000, 17.2); undefined where it has a short header, or is none that is known. */
export function readLongHeader(bytes: Uint8Array): LongHeader | undefined {
  const reader = new ByteReader(bytes)
  const first = reader.u8()
  if ((first & 0xc0) !== 0xc0) return undefined
  const version = quicVersion(reader.u32())
  if (version === undefined) return undefined
  if (version.salt === undefined) return googleHeader(version, bytes, reader)
  const destination = reader.take(reader.u8())
  const source = reader.take(reader.u8())
  const type = (first >> 4) & 3
  if (reader.short || destination.length > MOST_CONNECTION_ID || source.length > MOST_CONNECTION_ID)
    return undefined
  const kind = type === version.initial ? 'initial' : type === version.retry ? 'retry' : 'other'
  if (kind === 'retry') return { version, kind, destination, source, packet: bytes, numberAt: bytes.length }
  if (kind === 'initial') reader.skip(varint(reader))
  const length = varint(reader)
  const numberAt = reader.position
  if (reader.short || length > reader.left) return undefined
  return { version, kind, destination, source, packet: bytes.subarray(0, numberAt + length), numberAt }
}

/** Q046: both lengths in one byte, as four bits that say three more. */
function googleHeader(version: QuicVersion, packet: Uint8Array, reader: ByteReader): LongHeader | undefined {
  const lengths = reader.u8()
  const destination = reader.take(lengths >> 4 === 0 ? 0 : (lengths >> 4) + 3)
  const source = reader.take((lengths & 15) === 0 ? 0 : (lengths & 15) + 3)
  if (reader.short) return undefined
  return { version, kind: 'initial', destination, source, packet, numberAt: reader.position }
}
