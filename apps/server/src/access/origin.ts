import { isIP } from 'node:net'
import { PublicError } from './public-error.ts'

/** What of a request tells where it comes from. Header names in lower case, as Node gives them. */
export interface Caller {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface OriginRules {
  readonly tls: boolean
  /** Origins besides our own whose pages may use the API. */
  readonly corsOrigins: readonly string[]
  /** Host that the server was told to listen on. */
  readonly listenHost: string
}

/**
 * Refuses a host name that is none of ours: a page elsewhere whose name was made to lead to 127.0.0.1 (DNS rebinding)
 * sends its own. Addresses need no check, since they cannot be rebound. With TLS the certificate decides.
 *
 * @throws {PublicError} `wrong-host`
 */
export function refuseWrongHost({ headers }: Caller, rules: OriginRules): void {
  if (rules.tls) return
  const host = hostName(headers['host'])
  if (host === undefined) throw new PublicError('wrong-host', 'The request names no host')
  const known =
    isIP(host) !== 0 ||
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === rules.listenHost ||
    rules.corsOrigins.some((origin) => new URL(origin).hostname === host)
  if (!known) throw new PublicError('wrong-host', `This server is not known as ${host.slice(0, 253)}`)
}

function hostName(header: unknown): string | undefined {
  if (typeof header !== 'string' || header.length > 300) return undefined
  const url = URL.parse(`http://${header}`)
  if (!url || url.pathname !== '/' || url.username !== '' || url.search !== '') return undefined
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

/** Whether an `Origin` header names this server or an origin of the configuration. */
export function isOwnOrigin({ headers }: Caller, rules: OriginRules): boolean {
  const origin = headers['origin']
  if (typeof origin !== 'string') return false
  return (
    origin === `${rules.tls ? 'https' : 'http'}://${String(headers['host'])}` ||
    rules.corsOrigins.includes(origin)
  )
}

/**
 * Our own origin, as the page that asks has it.
 *
 * @throws {PublicError} `foreign-origin` where no page of ours asks
 */
export function ownOriginOf(caller: Caller, rules: OriginRules): URL {
  if (!isOwnOrigin(caller, rules)) throw new PublicError('foreign-origin', 'This is for our own pages')
  return new URL(String(caller.headers['origin']))
}

/**
 * Keeps other pages from using a visitor's cookie (RFC 9110, 17.12; OWASP, CSRF): what changes something comes as JSON
 * and from our own origin. A program sends no `Origin` and no cookie; a browser always sends both.
 *
 * @param hasBody what has none needs no type: a page that may not send it is known by its `Origin`
 * @throws {PublicError} `foreign-origin`, `wrong-media-type`
 */
export function refuseForgery(caller: Caller, rules: OriginRules, hasCookie: boolean, hasBody = true): void {
  const type = caller.headers['content-type']
  const lacksType = !hasBody && type === undefined
  if (!lacksType && (typeof type !== 'string' || !/^application\/json\s*(?:;|$)/i.test(type))) {
    throw new PublicError('wrong-media-type', 'Send application/json')
  }
  const mustName = hasCookie || caller.headers['origin'] !== undefined
  if (mustName && !isOwnOrigin(caller, rules)) {
    throw new PublicError('foreign-origin', 'This comes from a page of another origin')
  }
}

/** True when the caller is on this machine and no proxy stands between. */
export function isLocal(address: string | undefined, { headers }: Caller): boolean {
  if (headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined) return false
  return address !== undefined && /^(?:127\.|::1$|::ffff:127\.)/.test(address)
}
