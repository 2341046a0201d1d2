import { z } from 'zod'

/** A record of an answer. OCSF `dns_answer`, with the name that it is of. */
export interface DnsRecord {
  readonly name: string
  readonly type: string
  /** As in a zone file (RFC 1035, 5). */
  readonly rdata: string
  readonly ttl: number
}

/** A question and its answer in the DNS (RFC 1035). OCSF `dns_query`, `dns_answer`. */
export interface DnsFacts {
  /** Which of the two was seen: an answer carries its question. */
  readonly type: 'query' | 'answer'
  readonly transaction_id: number
  /** Without the dot at its end; bytes that are not printable ASCII as `\DDD` (RFC 4343, 2.1). */
  readonly hostname: string
  /** `A`, `TXT`, ...; `TYPE65280` where it has no name (RFC 3597). */
  readonly query_type: string
  readonly query_class: string
  /** The part of the name that somebody registered, by the public suffix list, in lower case. */
  readonly registered_domain?: string
  /** Characters before it, without dots, and their Shannon entropy in bits for each. */
  readonly subdomain_length?: number
  readonly subdomain_entropy?: number
  /** `NOERROR`, `NXDOMAIN`, ...; answers only. */
  readonly rcode?: string
  readonly answers?: readonly DnsRecord[]
  /** Who answers for the name, of answers only: `SOA` where there is no such name. */
  readonly authorities?: readonly DnsRecord[]
  readonly additionals?: readonly DnsRecord[]
  /** `Query`, `Notify`, `Update`, ... */
  readonly opcode: string
  /** Of `AA`, `TC`, `RD`, `RA`, `Z`, `AD`, `CD`, those that are set. */
  readonly flags: readonly string[]
  /** The largest datagram that the sender takes, and `DO` (RFC 6891). */
  readonly edns?: {
    readonly udp_size: number
    readonly version: number
    readonly dnssec_ok: boolean
  }
  /** What is not as it should be: `truncated`, `malformed`, `extra-questions`, `extra-records`. */
  readonly anomalies?: readonly string[]
}

const recordsSchema = z
  .array(
    z.object({
      name: z.string().max(1024),
      type: z.string().max(32),
      rdata: z.string().max(8192),
      ttl: z.number(),
    }),
  )
  .max(64)

export const dnsFactsSchema = z.object({
  type: z.enum(['query', 'answer']),
  transaction_id: z.int().min(0).max(65_535),
  hostname: z.string().max(1024),
  query_type: z.string().max(32),
  query_class: z.string().max(32),
  registered_domain: z.string().max(256).optional(),
  subdomain_length: z.int().min(0).max(1024).optional(),
  subdomain_entropy: z.number().min(0).max(8).optional(),
  rcode: z.string().max(32).optional(),
  answers: recordsSchema.optional(),
  authorities: recordsSchema.optional(),
  additionals: recordsSchema.optional(),
  opcode: z.string().max(32),
  flags: z.array(z.string().max(8)).max(8),
  edns: z
    .object({
      udp_size: z.int().min(0).max(65_535),
      version: z.int().min(0).max(255),
      dnssec_ok: z.boolean(),
    })
    .optional(),
  anomalies: z.array(z.string().max(32)).max(8).optional(),
})
