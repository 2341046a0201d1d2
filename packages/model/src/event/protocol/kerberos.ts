import { z } from 'zod'

/** A request to a Kerberos KDC and its answer (RFC 4120). */
export interface KerberosFacts {
  /** `AS` for a ticket by a password or key, `TGS` for one by a ticket; `AP` of a ticket that is shown to a service. */
  readonly request_type?: 'AS' | 'TGS' | 'AP'
  /** What came last: `KRB_AS_REQ`, `KRB_AS_REP`, `KRB_TGS_REQ`, `KRB_TGS_REP`, `KRB_ERROR`, `KRB_AP_REQ`. */
  readonly msg_type: string
  /** Who asks: names with `/` between them. */
  readonly client?: string
  readonly realm?: string
  /** What the ticket is for: `krbtgt/EXAMPLE.COM`, `cifs/server`. */
  readonly service?: string
  /** Kinds of encryption that the client takes, in its order: `aes256-cts-hmac-sha1-96`, `rc4-hmac`, ... */
  readonly client_ciphers?: readonly string[]
  /** Of the answer's part for the client, and of the ticket: a weak one can be guessed at leisure. */
  readonly cipher?: string
  readonly ticket_cipher?: string
  readonly weak_cipher?: boolean
  readonly weak_ticket_cipher?: boolean
  /** Proof that the client sends before it is asked for is here by its number (RFC 6113): 2 is a timestamp. */
  readonly preauth_types?: readonly number[]
  /** Of `KRB_ERROR`. */
  readonly error_code?: number
  readonly error?: string
  /** Options by their bits (RFC 4120, 5.4.1): `forwardable`, `renewable`, ... */
  readonly options?: readonly string[]
}

const name = z.string().max(1024)
const numbers = z.array(z.int().min(-2_147_483_648).max(2_147_483_647)).max(32)

export const kerberosFactsSchema = z.object({
  request_type: z.enum(['AS', 'TGS', 'AP']).optional(),
  msg_type: z.string().max(32),
  client: name.optional(),
  realm: name.optional(),
  service: name.optional(),
  client_ciphers: z.array(z.string().max(64)).max(32).optional(),
  cipher: z.string().max(64).optional(),
  ticket_cipher: z.string().max(64).optional(),
  weak_cipher: z.boolean().optional(),
  weak_ticket_cipher: z.boolean().optional(),
  preauth_types: numbers.optional(),
  error_code: z.int().optional(),
  error: z.string().max(64).optional(),
  options: z.array(z.string().max(32)).max(32).optional(),
})
