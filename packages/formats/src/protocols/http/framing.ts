import type { Head } from './head.ts'
import { framing } from './message-stream.ts'

/** Bytes of the body that the headers announce (RFC 9112, 6.3), or undefined where they announce none. */
export function announced(head: Head, version: string): number | undefined {
  const encoding = head.value('transfer-encoding')?.toLowerCase()
  const length = head.value('content-length')
  if (encoding !== undefined && encoding !== 'identity') {
    if (length !== undefined) head.anomalies.add('both-lengths')
    const codings = encoding.split(',').map((coding) => coding.trim())
    if (codings.some((coding) => !CODINGS.has(coding))) head.anomalies.add('unknown-transfer-encoding')
    if (codings.at(-1) === 'chunked') {
      if (version === 'HTTP/1.0') head.anomalies.add('chunked-1.0')
      return framing.chunked
    }
    if (codings.some((coding) => CODINGS.has(coding))) return framing.untilClose
  }
  if (length === undefined) return undefined
  if (!/^\d{1,15}$/.test(length)) head.anomalies.add('bad-content-length')
  const digits = /^[+\s]*(\d{1,15})/.exec(length)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** RFC 9112, 7; RFC 9110, 8.4.1. */
const CODINGS = new Set(['chunked', 'gzip', 'x-gzip', 'deflate', 'compress', 'x-compress', 'identity', ''])
