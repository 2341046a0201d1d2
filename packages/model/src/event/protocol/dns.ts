import { z } from 'zod'

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
  /** `NOERROR`, `NXDOMAIN`, ...; answers only. */
  readonly rcode?: string
  readonly answers?: readonly {
    readonly name: string
    readonly type: string
    /** As in a zone file (RFC 1035, 5). */
    readonly rdata: string
    readonly ttl: number
  }[]
}

export const dnsFactsSchema = z.object({
  type: z.enum(['query', 'answer']),
  transaction_id: z.int().min(0).max(65_535),
  hostname: z.string().max(1024),
  query_type: z.string().max(32),
  query_class: z.string().max(32),
  rcode: z.string().max(32).optional(),
  answers: z
    .array(
      z.object({
        name: z.string().max(1024),
        type: z.string().max(32),
        rdata: z.string().max(8192),
        ttl: z.number(),
      }),
    )
    .max(64)
    .optional(),
})
