import { latin1, startsWith } from '../bytes/text.ts'
import type { FlowEnds, Speaker } from '../protocol-parser.ts'

export const SMTP_PORTS = [25, 587, 2525]

const MOST_FIRST = 600

export function recogniseSmtp(speaker: Speaker, head: Uint8Array, ends: FlowEnds): 'yes' | 'no' | 'maybe' {
  if (speaker === 'client') return fromClient(head, ends)
  const start = startsWith(head, '220')
  if (start !== 'yes' || head.length < 4) return start === 'no' ? 'no' : 'maybe'
  if (head[3] !== 0x20 && head[3] !== 0x2d) return 'no'
  if (SMTP_PORTS.includes(ends.serverPort)) return 'yes'
  const text = latin1(head, 1024)
  if (/\bftp|filezilla/i.test(text)) return 'no'
  return /smtp|postfix|sendmail|exim/i.test(text) ? 'yes' : 'maybe'
}

function fromClient(head: Uint8Array, ends: FlowEnds): 'yes' | 'no' | 'maybe' {
  const text = latin1(head, MOST_FIRST)
  if (/^(?:EHLO|HELO|LHLO)[ \r\n]/i.test(text)) return 'yes'
  if (/^MAIL FROM:/i.test(text)) return 'yes'
  if (
    SMTP_PORTS.includes(ends.serverPort) &&
    /^(?:QUIT|NOOP|RSET|HELP|STARTTLS|VRFY .*|EXPN .*)\r?\n/i.test(text)
  )
    return 'yes'
  if (text.includes('\n') || text.length >= MOST_FIRST) return 'no'
  return /^[a-z]{1,9}(?: |$)/i.test(text) ? 'maybe' : 'no'
}
