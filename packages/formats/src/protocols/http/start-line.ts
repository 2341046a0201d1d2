import type { HttpAnomaly } from './anomalies.ts'

const MOST_METHOD = 64
const MOST_MESSAGE = 1024
const MOST_HOST = 1024

export interface RequestLine {
  readonly http_method: string
  readonly url?: string
  readonly version?: string
  readonly anomaly?: HttpAnomaly
}

/** RFC 9112, 3, read as leniently as servers do: what stands between the method and the version is the target. */
export function readRequestLine(line: string): RequestLine {
  const parts = /^[\t ]*(\S+)(?:[\t ]+(.*?))?[\t\v\f\r ]*$/s.exec(line)
  const method = (parts?.[1] ?? '').slice(0, MOST_METHOD)
  const rest = parts?.[2] ?? ''
  const last = /(?:^|[\t ])(HTTP\/\S{1,16})$/i.exec(rest)
  const version = last?.[1]
  const url = version === undefined ? rest : rest.slice(0, rest.length - (last?.[0].length ?? 0)).trim()
  const isWell = /^[!#$%&'*+.^_`|~\w-]+ \S+ HTTP\/\d\.\d$/.test(line)
  return {
    http_method: method,
    ...(url === '' ? {} : { url }),
    ...(version === undefined ? {} : { version }),
    ...(isWell ? {} : { anomaly: version === undefined ? 'http-0.9' : 'bad-request-line' }),
  }
}

export interface StatusLine {
  readonly version?: string
  readonly code?: number
  readonly message?: string
  readonly anomaly?: HttpAnomaly
}

/** RFC 9112, 4. */
export function readStatusLine(line: string): StatusLine {
  const parts = /^\s*(\S{1,20})\s+(\d{1,3})(?!\d)\s*(.*?)\s*$/is.exec(line)
  if (parts === null) return { anomaly: 'bad-status-line' }
  const message = (parts[3] ?? '').slice(0, MOST_MESSAGE)
  return {
    version: parts[1] ?? '',
    code: Number(parts[2]),
    ...(message === '' ? {} : { message }),
    ...(/^HTTP\/\d\.\d \d{3}(?: |$)/.test(line) ? {} : { anomaly: 'bad-status-line' }),
  }
}

export interface Host {
  readonly hostname: string
  readonly port?: number
}

/** `host:port`, without what names a user (RFC 3986, 3.2); undefined where nothing is left. */
export function readHost(authority: string): Host | undefined {
  const host = authority.slice(authority.lastIndexOf('@') + 1).trim()
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?/.exec(host)
  const hostname = (parts?.[1] ?? '').toLowerCase().slice(0, MOST_HOST)
  const port = Number(parts?.[2] ?? '')
  if (hostname === '') return undefined
  return port > 0 && port < 65_536 ? { hostname, port } : { hostname }
}

/** The authority within a target: of an absolute URI, or of CONNECT. */
export function authorityOf(method: string, target: string | undefined): string | undefined {
  if (target === undefined) return undefined
  if (method === 'CONNECT') return target
  return /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1]
}
