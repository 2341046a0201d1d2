import { z } from 'zod'
import { type ClientHelloFacts, helloShape, type ServerHelloFacts } from './tls.ts'

/** The beginning of a QUIC connection (RFC 9000, 9001): the hello of one of both ends. One for each hello. */
export interface QuicFacts extends Partial<ClientHelloFacts>, Partial<ServerHelloFacts> {
  readonly type: 'client_hello' | 'server_hello'
  /** `1`, `2`, `draft-29`, `Q046`, or hex digits. */
  readonly quic_version: string
  /** Connection ids, lower-case hex digits. */
  readonly dst_connection_id: string
  readonly src_connection_id: string
  /** A Retry came before: the address of the client was checked. */
  readonly retried?: boolean
  /** Of Google's own QUIC: how it names its client. */
  readonly user_agent?: string
  /** MD5 of `cyu_string` (Salesforce's CYU, of the tags of a Google QUIC hello). */
  readonly cyu_hash?: string
  readonly cyu_string?: string
}

export const quicFactsSchema = z.object({
  ...helloShape,
  type: z.enum(['client_hello', 'server_hello']),
  quic_version: z.string().max(32),
  dst_connection_id: z.string().max(512),
  src_connection_id: z.string().max(512),
  retried: z.boolean().optional(),
  user_agent: z.string().max(1024).optional(),
  cyu_hash: z.string().max(32).optional(),
  cyu_string: z.string().max(2048).optional(),
})
