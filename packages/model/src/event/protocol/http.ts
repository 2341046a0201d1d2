import { z } from 'zod'

export interface HttpHeader {
  readonly name: string
  readonly value: string
}

/**
 * A request and its response in HTTP/1 (RFC 9112), or on a stream of HTTP/2 (RFC 9113). OCSF `http_request`, `http_response`,
 * `url`. What was not seen is not there: a capture may have one side alone.
 */
export interface HttpFacts {
  /** As it was sent: `GET`, `POST`, ... OCSF `http_request.http_method`. */
  readonly http_method?: string
  /** The target of the request, as it was sent: `/a?b`, `http://host/a`, `host:443` of CONNECT, `*`. */
  readonly url?: string
  /** Of the target where it has one, else of the header `Host`; lower case, without port. OCSF `url.hostname`. */
  readonly hostname?: string
  readonly port?: number
  /** `HTTP/1.1`, as it was sent; of the response where the request was not seen. */
  readonly version?: string
  readonly user_agent?: string
  readonly referrer?: string
  readonly x_forwarded_for?: string
  /** OCSF `http_response.code`. */
  readonly code?: number
  /** Text after the code. */
  readonly message?: string
  /** Of the response, without parameters. OCSF `http_response.content_type`. */
  readonly content_type?: string
  readonly request_content_type?: string
  /** The name under which a body is to be kept (Content-Disposition), of the response or else of the request. */
  readonly file_name?: string
  /** Where the response points elsewhere. */
  readonly location?: string
  /** How the server names itself. */
  readonly server?: string
  /** Bytes of the bodies as they were sent, without the frames of chunks. OCSF `body_length`. */
  readonly request_length: number
  readonly response_length: number
  /** In the order in which they were sent; the first 64, values cut at 2 KiB. */
  readonly request_headers?: readonly HttpHeader[]
  readonly response_headers?: readonly HttpHeader[]
  /** Milliseconds from the end of the request to the first line of the response. */
  readonly latency_ms?: number
  /** What ends the protocol on this connection: the other's name from `Upgrade`, or `connect`. */
  readonly upgrade?: string
  /** In HTTP/2. */
  readonly stream_id?: number
  /** What is not as it should be (see the parser), where attackers hide what is told to whom. */
  readonly anomalies?: readonly string[]
}

const headersSchema = z.array(z.object({ name: z.string().max(256), value: z.string().max(2048) })).max(64)
const text = z.string().max(8192)

export const httpFactsSchema = z.object({
  http_method: z.string().max(64).optional(),
  url: text.optional(),
  hostname: z.string().max(1024).optional(),
  port: z.int().min(0).max(65_535).optional(),
  version: z.string().max(32).optional(),
  user_agent: text.optional(),
  referrer: text.optional(),
  x_forwarded_for: text.optional(),
  code: z.int().min(0).max(999).optional(),
  message: z.string().max(1024).optional(),
  content_type: z.string().max(1024).optional(),
  request_content_type: z.string().max(1024).optional(),
  file_name: z.string().max(255).optional(),
  location: text.optional(),
  server: z.string().max(1024).optional(),
  request_length: z.number().nonnegative(),
  response_length: z.number().nonnegative(),
  request_headers: headersSchema.optional(),
  response_headers: headersSchema.optional(),
  latency_ms: z.number().optional(),
  upgrade: z.string().max(256).optional(),
  stream_id: z.int().min(0).optional(),
  anomalies: z.array(z.string().max(32)).max(32).optional(),
})
