import { ByteReader } from '../bytes/byte-reader.ts'
import type { ProtocolParser, Speaker } from '../protocol-parser.ts'
import { TlsSession } from './tls-session.ts'

const HANDSHAKE = 22
const ALERT = 21
/** First bit of a record of SSL 2, and what stands before its parts. */
const SSL_2 = 0x80
const SSL_2_HEADER = 9

/** TLS and SSL 3 (RFC 8446, 5246, 6101): who asks for whom, with which certificate, and the fingerprints of both. */
export const tlsParser: ProtocolParser = {
  name: 'tls',
  transports: ['tcp'],
  ports: [443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 8443],
  recognise: (speaker, head) => {
    if (speaker === 'client' && (head[0] ?? 0) >= SSL_2) return isSsl2Hello(head)
    if (!matches(speaker, head)) return 'no'
    return head.length < (head[0] === ALERT ? WHOLE_ALERT : WHOLE) ? 'maybe' : 'yes'
  },
  open: () => new TlsSession(),
}

/** Header of a record, of a message, and the version of a hello. */
const WHOLE = 10
const WHOLE_ALERT = 7

/** A hello in the form of SSL 2: its parts are as long as it says (RFC 5246, E.2). */
function isSsl2Hello(head: Uint8Array): 'yes' | 'no' | 'maybe' {
  const reader = new ByteReader(head)
  const length = reader.u16() & 0x7fff
  const type = reader.u8()
  const version = reader.u16()
  const [specs, session, challenge] = [reader.u16(), reader.u16(), reader.u16()]
  if (reader.short) return head.length < 3 || head[2] === 1 ? 'maybe' : 'no'
  const isKnown = version === 2 || (version >= 0x0300 && version <= 0x0304)
  const fits = specs > 0 && specs % 3 === 0 && length === SSL_2_HEADER + specs + session + challenge
  return type === 1 && isKnown && fits ? 'yes' : 'no'
}

function matches(speaker: Speaker, head: Uint8Array): boolean {
  const [type, major = 3, minor = 3, high, low] = head
  if (major !== 3 || minor > 4) return false
  const length = high === undefined || low === undefined ? 1 : high * 256 + low
  // A server may refuse at once.
  if (type === ALERT && speaker === 'server') return length === 2 && (head[5] ?? 1) <= 2
  if (type !== HANDSHAKE || length > 16_384 || length < 1) return false
  const [message = speaker === 'client' ? 1 : 2, size = 0] = head.subarray(5, 7)
  const version = head[9] ?? 3
  return message === (speaker === 'client' ? 1 : 2) && size === 0 && (version === 3 || version === 0x7f)
}
