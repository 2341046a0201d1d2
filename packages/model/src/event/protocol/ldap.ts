import { z } from 'zod'

/** A request to an LDAP server and its answer (RFC 4511). */
export interface LdapFacts {
  readonly operation: 'bind' | 'search' | 'modify' | 'add' | 'delete' | 'rename' | 'compare' | 'extended'
  readonly message_id: number
  /** Of what it is about: who logs on, where a search begins, what is changed; of `extended` the name of the operation. */
  readonly name?: string
  /** Of `bind`: `simple`, `GSSAPI`, `GSS-SPNEGO`, ...; whether a password was sent in the clear. */
  readonly mechanism?: string
  readonly cleartext_password?: boolean
  /** Of a logon by NTLM. */
  readonly user?: string
  readonly domain?: string
  readonly hostname?: string
  /** Of `search`: `base`, `one`, `sub`; what is looked for, as RFC 4515 writes it; and what is wanted of it. */
  readonly scope?: string
  readonly filter?: string
  readonly attributes?: readonly string[]
  /** How many entries came. */
  readonly entries?: number
  /** How it ended: `success`, `invalidCredentials`, ...; absent where no end was seen. */
  readonly result?: string
  readonly result_code?: number
}

const text = z.string().max(2048)

export const ldapFactsSchema = z.object({
  operation: z.enum(['bind', 'search', 'modify', 'add', 'delete', 'rename', 'compare', 'extended']),
  message_id: z.int().min(0).max(0x7fff_ffff),
  name: text.optional(),
  mechanism: z.string().max(64).optional(),
  cleartext_password: z.boolean().optional(),
  user: text.optional(),
  domain: text.optional(),
  hostname: text.optional(),
  scope: z.string().max(16).optional(),
  filter: text.optional(),
  attributes: z.array(z.string().max(256)).max(64).optional(),
  entries: z.int().nonnegative().optional(),
  result: z.string().max(64).optional(),
  result_code: z.int().optional(),
})
