import type { HttpFacts, HttpHeader } from '@vedette/model'
import { copied } from '../bytes/text.ts'
import { fileName } from '../http/file-name.ts'
import { readHost } from '../http/start-line.ts'

const MOST_HEADERS = 64
const MOST_KEPT = 6 * 1024
const MOST_URL = 4096
const MOST_MESSAGE = 1024

/** The headers of one side of an exchange, those with a colon before their names apart (RFC 9113, 8.3). */
export class Headers {
  readonly list: HttpHeader[] = []
  readonly #first = new Map<string, string>()
  cost = 0

  add(name: string, value: string): void {
    const kept = copied(value, name === ':path' ? MOST_URL : value.length)
    const cost = name.length + kept.length
    if (this.cost + cost > MOST_KEPT) return
    this.cost += cost
    if (!this.#first.has(name)) this.#first.set(name, kept)
    if (this.list.length < MOST_HEADERS) this.list.push({ name, value: kept })
  }

  value(name: string): string | undefined {
    return this.#first.get(name)
  }
}

/** A request and its response on a stream of their own. */
export class Exchange {
  readonly stream: number
  request: Headers | undefined
  response: Headers | undefined
  requestLength = 0
  responseLength = 0
  isRequestOver = false
  isResponseOver = false
  isReset = false
  requestEndMs: number | undefined
  responseStartMs: number | undefined

  constructor(stream: number) {
    this.stream = stream
  }

  get cost(): number {
    return (this.request?.cost ?? 0) + (this.response?.cost ?? 0)
  }

  facts(): HttpFacts {
    const { request, response } = this
    const authority = request?.value(':authority') ?? request?.value('host')
    const host = authority === undefined ? undefined : readHost(authority)
    const code = Number(response?.value(':status'))
    const latency =
      this.requestEndMs === undefined || this.responseStartMs === undefined
        ? undefined
        : Math.max(0, this.responseStartMs - this.requestEndMs)
    const all: Record<keyof HttpFacts, unknown> = {
      http_method: request?.value(':method')?.slice(0, 64),
      url: request?.value(':path'),
      hostname: host?.hostname,
      port: host?.port,
      version: 'HTTP/2',
      user_agent: request?.value('user-agent'),
      referrer: request?.value('referer'),
      x_forwarded_for: request?.value('x-forwarded-for'),
      code: Number.isInteger(code) && code >= 0 && code < 1000 ? code : undefined,
      message: undefined,
      content_type: mediaType(response),
      request_content_type: mediaType(request),
      file_name: fileName(response?.value('content-disposition') ?? request?.value('content-disposition')),
      location: response?.value('location'),
      server: response?.value('server')?.slice(0, MOST_MESSAGE),
      request_length: this.requestLength,
      response_length: this.responseLength,
      request_headers: request?.list,
      response_headers: response?.list,
      latency_ms: latency,
      upgrade: undefined,
      stream_id: this.stream,
      anomalies: this.isReset ? ['reset'] : undefined,
    }
    const found: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(all)) if (value !== undefined) found[key] = value
    return found as unknown as HttpFacts
  }
}

function mediaType(headers: Headers | undefined): string | undefined {
  return headers?.value('content-type')?.split(';', 1)[0]?.trim().slice(0, MOST_MESSAGE)
}
