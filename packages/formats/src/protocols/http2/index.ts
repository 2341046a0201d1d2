import type { ProtocolParser } from '../protocol-parser.ts'
import { startsWith } from '../bytes/text.ts'
import { frameType } from './frame-stream.ts'
import { Http2Session } from './http2-session.ts'

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const FRAME_HEADER = 9
const SETTING_BYTES = 6
const MOST_SETTINGS = 32

/** HTTP/2 without encryption (RFC 9113): with prior knowledge as in gRPC, or after an upgrade. Told as HTTP. */
export const http2Parser: ProtocolParser = {
  name: 'http',
  transports: ['tcp'],
  ports: [],
  recognise(speaker, head) {
    if (speaker === 'client') return startsWith(head, PREFACE)
    // A server begins with its settings, on stream 0 (3.4).
    const [high, middle, low = 0, type = frameType.settings, flags = 0, ...stream] = head.subarray(
      0,
      FRAME_HEADER,
    )
    const fits =
      high === 0 && (middle ?? 0) === 0 && low % SETTING_BYTES === 0 && low <= MOST_SETTINGS * SETTING_BYTES
    if (!fits || type !== frameType.settings || flags !== 0 || stream.some((byte) => byte !== 0)) return 'no'
    return head.length < FRAME_HEADER ? 'maybe' : 'yes'
  },
  open: () => new Http2Session(),
}
