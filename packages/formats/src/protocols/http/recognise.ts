import { latin1, startsWith } from '../bytes/text.ts'

/** Whether a server's first bytes look like HTTP/1. */
export function looksLikeResponse(head: Uint8Array): 'yes' | 'no' | 'maybe' {
  const start = startsWith(head, 'HTTP/')
  if (start !== 'yes' || head.length < 7) return start === 'no' ? 'no' : 'maybe'
  return /^HTTP\/[01]\./.test(latin1(head, 7)) ? 'yes' : 'no'
}

/** A method, and the beginning of a target. RTSP and SIP look alike up to their version. */
const REQUEST = /^([A-Z][A-Z_-]{1,31}) (\S)/
const METHOD_BEGUN = /^[A-Z][A-Z_-]{0,31} ?$/
const LF = 10
const LONGEST_LINE = 4000

/** Whether a client's first bytes look like HTTP/1. */
export function looksLikeRequest(head: Uint8Array): 'yes' | 'no' | 'maybe' {
  const first = head[0] ?? 0
  // RFC 9112, 2.2: empty lines before the first request.
  const from = first === 13 || first === LF ? head.findIndex((byte) => byte !== 13 && byte !== LF) : 0
  if (from < 0) return head.length < 16 ? 'maybe' : 'no'
  const start = latin1(head.subarray(from, from + 40))
  if (!REQUEST.test(start)) return METHOD_BEGUN.test(start) ? 'maybe' : 'no'
  const end = head.indexOf(LF, from)
  if (end < 0) {
    if (head.length > LONGEST_LINE) return / (?:\/|http)/.test(start) ? 'yes' : 'no'
    return 'maybe'
  }
  const line = latin1(head.subarray(from, end), LONGEST_LINE).trimEnd()
  if (/ HTTP\/[01]\.\d$/i.test(line)) return 'yes'
  // HTTP/0.9
  return /^GET \/\S*$/.test(line) ? 'yes' : 'no'
}
