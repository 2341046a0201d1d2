import { z } from 'zod'

/** A mail as it is handed over (RFC 5321, 5322), or a connection that none was handed over on. OCSF Email Activity, `email`. */
export interface SmtpFacts {
  /** How the server greets. OCSF `banner`. */
  readonly banner?: string
  /** How the client names itself in HELO, EHLO or LHLO. OCSF `smtp_hello`. */
  readonly smtp_hello?: string
  /** Who logged in, or tried to: of AUTH PLAIN and LOGIN. */
  readonly user?: string
  /** Of the envelope, without angle brackets; empty of a bounce. OCSF `email.smtp_from`, `email.smtp_to`. */
  readonly smtp_from?: string
  readonly smtp_to?: readonly string[]
  /** Of the header of the mail, as it stands there. OCSF `email.from`, `to`, `cc`, `reply_to`, `subject`, `message_uid`. */
  readonly from?: string
  readonly to?: readonly string[]
  readonly cc?: readonly string[]
  readonly reply_to?: string
  readonly subject?: string
  readonly message_uid?: string
  readonly date?: string
  /** `X-Mailer` or `User-Agent`. */
  readonly user_agent?: string
  readonly received?: readonly string[]
  /** Names of files within it. OCSF `email.files`. */
  readonly attachments?: readonly string[]
  /** Addresses of the web in its texts; the first 32. OCSF `email.urls`. */
  readonly urls?: readonly string[]
  /** Bytes of the mail as it was sent. OCSF `email.size`. */
  readonly size?: number
  /** The server's last answer about it. */
  readonly code?: number
  /** The mail was sent to its end. */
  readonly complete?: boolean
  /** The connection went on over TLS. */
  readonly starttls?: boolean
}

const line = z.string().max(2048)
const lines = z.array(line).max(64)

export const smtpFactsSchema = z.object({
  banner: line.optional(),
  smtp_hello: line.optional(),
  user: z.string().max(256).optional(),
  smtp_from: line.optional(),
  smtp_to: lines.optional(),
  from: line.optional(),
  to: lines.optional(),
  cc: lines.optional(),
  reply_to: line.optional(),
  subject: line.optional(),
  message_uid: line.optional(),
  date: line.optional(),
  user_agent: line.optional(),
  received: lines.optional(),
  attachments: lines.optional(),
  urls: lines.optional(),
  size: z.number().nonnegative().optional(),
  code: z.int().min(0).max(999).optional(),
  complete: z.boolean().optional(),
  starttls: z.boolean().optional(),
})
