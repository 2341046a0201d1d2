import type { ProtocolParser } from '../protocol-parser.ts'
import { recogniseSmtp, SMTP_PORTS } from './recognise.ts'
import { SmtpSession } from './smtp-session.ts'

/** SMTP (RFC 5321): who hands a mail to whom, what its header says, and names of files within it; up to STARTTLS. */
export const smtpParser: ProtocolParser = {
  name: 'smtp',
  transports: ['tcp'],
  ports: SMTP_PORTS,
  recognise: recogniseSmtp,
  open: () => new SmtpSession(),
}
