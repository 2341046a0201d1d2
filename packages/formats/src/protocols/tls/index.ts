import type { ProtocolParser, Speaker } from '../protocol-parser.ts'
import { TlsSession } from './tls-session.ts'

const HANDSHAKE = 22
const ALERT = 21

/** TLS and SSL 3 (RFC 8446, 5246, 6101): who asks for whom, with which certificate, and the fingerprints of both. */
export const tlsParser: ProtocolParser = {
  name: 'tls',
  transports: ['tcp'],
  ports: [443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 8443],
  recognise: (speaker, head) => {
    if (!matches(speaker, head)) return 'no'
    return head.length < (head[0] === ALERT ? WHOLE_ALERT : WHOLE) ? 'maybe' : 'yes'
  },
  open: () => new TlsSession(),
}

/** Header of a record, of a message, and the version of a hello. */
const WHOLE = 10
const WHOLE_ALERT = 7

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
