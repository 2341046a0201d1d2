import { latin1, startsWith } from '../bytes/text.ts'
import type { FlowEnds, Speaker } from '../protocol-parser.ts'

export const FTP_PORT = 21

/** What a client begins with, that clients of other protocols do not. */
const FIRST_COMMANDS = /^(?:USER [^ ]{1,255}|FEAT|SYST|OPTS UTF8 .{0,20}|AUTH (?:TLS|SSL|GSSAPI))\r?\n/i
const MOST_FIRST = 300

export function recogniseFtp(speaker: Speaker, head: Uint8Array, ends: FlowEnds): 'yes' | 'no' | 'maybe' {
  return speaker === 'server' ? fromServer(head, ends) : fromClient(head, ends)
}

/** Mail servers greet with 220 as well: the words after it tell, or the port. */
function fromServer(head: Uint8Array, ends: FlowEnds): 'yes' | 'no' | 'maybe' {
  const start = startsWith(head, '220')
  if (start !== 'yes' || head.length < 4) return start === 'no' ? 'no' : 'maybe'
  if (head[3] !== 0x20 && head[3] !== 0x2d) return 'no'
  if (ends.serverPort === FTP_PORT) return 'yes'
  const text = latin1(head, 1024)
  if (/smtp/i.test(text)) return 'no'
  return /ftp|filezilla/i.test(text) ? 'yes' : 'maybe'
}

function fromClient(head: Uint8Array, ends: FlowEnds): 'yes' | 'no' | 'maybe' {
  const text = latin1(head, MOST_FIRST)
  if (FIRST_COMMANDS.test(text)) return 'yes'
  if (ends.serverPort === FTP_PORT && /^(?:QUIT|HELP|NOOP|STAT)\r?\n/i.test(text)) return 'yes'
  if (text.includes('\n') || text.length >= MOST_FIRST) return 'no'
  return /^[a-z]{1,4}(?: |$)/i.test(text) ? 'maybe' : 'no'
}
