import type { ProtocolParser } from '../protocol-parser.ts'
import { QuicSession } from './quic-session.ts'
import { readLongHeader } from './long-header.ts'

/** QUIC (RFC 9000, 9001, 9369): what the hellos of both ends say, which stand in packets that anyone can open. */
export const quicParser: ProtocolParser = {
  name: 'quic',
  transports: ['udp'],
  ports: [443],
  recognise: (_speaker, head) => (readLongHeader(head) === undefined ? 'no' : 'yes'),
  open: () => new QuicSession(),
}
