import type { HttpFacts } from '@vedette/model'
import type { HttpAnomaly } from './anomalies.ts'
import { fileName } from './file-name.ts'
import type { Head } from './head.ts'
import {
  authorityOf,
  readHost,
  readRequestLine,
  readStatusLine,
  type RequestLine,
  type StatusLine,
} from './start-line.ts'

/** A request, and its response as far as it is there. */
export class Transaction {
  readonly anomalies = new Set<HttpAnomaly>()
  requestLine: RequestLine | undefined
  statusLine: StatusLine | undefined
  requestLength = 0
  responseLength = 0
  isRequestOver = false
  isResponseOver = false
  requestEndMs: number | undefined
  responseStartMs: number | undefined
  upgrade: string | undefined
  #request: Head | undefined
  #response: Head | undefined

  /** Characters that it keeps. */
  get cost(): number {
    return (this.#request?.cost ?? 0) + (this.#response?.cost ?? 0)
  }

  get asksForUpgrade(): boolean {
    return this.#request?.value('upgrade') !== undefined
  }

  takeRequest(head: Head): RequestLine {
    this.#request = head
    this.requestLine = readRequestLine(head.line)
    // Of a line that is too long the end is not there.
    const { anomaly } = this.requestLine
    if (anomaly !== undefined && !head.anomalies.has('long-line')) this.anomalies.add(anomaly)
    return this.requestLine
  }

  takeResponse(head: Head): StatusLine {
    this.#response = head
    this.statusLine = readStatusLine(head.line)
    if (this.statusLine.anomaly !== undefined) this.anomalies.add(this.statusLine.anomaly)
    return this.statusLine
  }

  facts(): HttpFacts {
    const [request, response] = [this.#request, this.#response]
    const line = this.requestLine
    const status = this.statusLine
    const host = this.#host()
    const version = line?.version ?? status?.version
    const anomalies = new Set([
      ...this.anomalies,
      ...(request?.anomalies ?? []),
      ...(response?.anomalies ?? []),
    ])
    const latency =
      this.requestEndMs === undefined || this.responseStartMs === undefined
        ? undefined
        : Math.max(0, this.responseStartMs - this.requestEndMs)
    return present({
      http_method: line?.http_method,
      url: line?.url,
      hostname: host?.hostname,
      port: host?.port,
      version,
      user_agent: request?.value('user-agent'),
      referrer: request?.value('referer'),
      x_forwarded_for: request?.value('x-forwarded-for'),
      code: status?.code,
      message: status?.message,
      content_type: mediaType(response),
      request_content_type: mediaType(request),
      file_name: fileName(response?.value('content-disposition') ?? request?.value('content-disposition')),
      location: response?.value('location'),
      server: response?.value('server')?.slice(0, 1024),
      request_length: this.requestLength,
      response_length: this.responseLength,
      request_headers: request?.headers,
      response_headers: response?.headers,
      latency_ms: latency,
      upgrade: this.upgrade,
      anomalies: anomalies.size === 0 ? undefined : [...anomalies].sort(),
    })
  }

  #host(): ReturnType<typeof readHost> {
    const line = this.requestLine
    if (line === undefined) return undefined
    const header = this.#request?.value('host')
    const authority = authorityOf(line.http_method, line.url)
    const named = header === undefined ? undefined : readHost(header)
    const asked = authority === undefined ? undefined : readHost(authority)
    if (header === undefined && line.version?.toUpperCase() === 'HTTP/1.1') this.anomalies.add('no-host')
    if (named !== undefined && asked !== undefined && named.hostname !== asked.hostname)
      this.anomalies.add('host-mismatch')
    return asked ?? named
  }
}

/** Without parameters. */
function mediaType(head: Head | undefined): string | undefined {
  return head?.value('content-type')?.split(';', 1)[0]?.trim().slice(0, 1024)
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined }

/** Without what is not there. */
function present(facts: Loose<HttpFacts> & Pick<HttpFacts, 'request_length' | 'response_length'>): HttpFacts {
  const found: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(facts)) if (value !== undefined) found[key] = value
  return found as unknown as HttpFacts
}
