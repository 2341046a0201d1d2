import { ByteReader } from '../bytes/byte-reader.ts'
import type { CryptoStream } from './crypto-stream.ts'
import { varint } from './varint.ts'

const frame = { padding: 0, ping: 1, ack: 2, ackEcn: 3, crypto: 6 } as const

/** Hands the handshake's bytes in the frames of an Initial packet on (RFC 9000, 12.4), up to one that does not belong there. */
export function readFrames(frames: Uint8Array, crypto: CryptoStream): void {
  const reader = new ByteReader(frames)
  while (reader.left > 0) {
    const type = varint(reader)
    if (type === frame.crypto) {
      const offset = varint(reader)
      const data = reader.take(varint(reader))
      if (reader.short) return
      crypto.add(offset, data)
    } else if (type === frame.ack || type === frame.ackEcn) {
      skipAck(reader, type === frame.ackEcn)
    } else if (type !== frame.padding && type !== frame.ping) return
  }
}

/** RFC 9000, 19.3. */
function skipAck(reader: ByteReader, hasEcn: boolean): void {
  varint(reader)
  varint(reader)
  const ranges = varint(reader)
  varint(reader)
  for (let n = 0; n < ranges && !reader.short; n += 1) {
    varint(reader)
    varint(reader)
  }
  for (let n = 0; hasEcn && n < 3; n += 1) varint(reader)
}
