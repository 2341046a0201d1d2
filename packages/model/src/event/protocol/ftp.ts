import { z } from 'zod'

/** A command of FTP (RFC 959) and what was answered to it; the greeting is an answer without a command. OCSF FTP Activity. */
export interface FtpFacts {
  /** Upper case. OCSF `command`. */
  readonly command?: string
  /** What stands after it; never of `PASS` and `ACCT`. At most 4 KiB. */
  readonly argument?: string
  /** Cut, because it is longer. */
  readonly command_truncated: boolean
  /** OCSF `codes`. */
  readonly codes: readonly number[]
  /** Lines of the answers without their codes. OCSF `command_responses`. */
  readonly command_responses: readonly string[]
  readonly reply_truncated: boolean
  /** Who is, or wants to be, logged in. */
  readonly user?: string
  /** The file or folder that the command is about. OCSF `name`. */
  readonly name?: string
  /** How data goes over: the server opens the connection (active), or the client does. OCSF `type`. */
  readonly type?: 'active' | 'passive'
  /** Where that connection goes. OCSF `port`. */
  readonly address?: string
  readonly port?: number
}

export const ftpFactsSchema = z.object({
  command: z.string().max(16).optional(),
  argument: z.string().max(4096).optional(),
  command_truncated: z.boolean(),
  codes: z.array(z.int().min(0).max(999)).max(16),
  command_responses: z.array(z.string().max(4096)).max(16),
  reply_truncated: z.boolean(),
  user: z.string().max(256).optional(),
  name: z.string().max(4096).optional(),
  type: z.enum(['active', 'passive']).optional(),
  address: z.string().max(64).optional(),
  port: z.int().min(0).max(65_535).optional(),
})
