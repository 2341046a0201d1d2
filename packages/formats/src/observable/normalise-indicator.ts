import { domainToASCII } from 'node:url'
import { indicatorBounds, type IndicatorType } from '@vedette/model'
import { getDomain, getPublicSuffix } from 'tldts'
import { type Outcome, rejected } from '../outcome.ts'
import { readAddress, readRange, writeAddress } from './address.ts'

/** An indicator's type and value in the one form in which they are compared. */
export interface IndicatorValue {
  readonly type: IndicatorType
  readonly value: string
}

/**
 * The one form of an indicator's value, so that two spellings of it are equal: hashes and domains in lower case, names in
 * other scripts as ASCII (punycode), addresses as RFC 5952 writes them, URLs as the URL standard (url.spec.whatwg.org)
 * writes them without fragment and credentials, ranges from their first address. Text that was made harmless for people
 * (`hxxp://evil[.]example`) is taken for what it means.
 */
export function normaliseIndicator(type: IndicatorType, text: string): Outcome<IndicatorValue> {
  const plain = text.trim()
  if (plain === '') return rejected('empty', 0)
  if (plain.length > indicatorBounds.value) return rejected('too-long', indicatorBounds.value)
  const value = forms[type](plain)
  if (value !== undefined && Buffer.byteLength(value) > indicatorBounds.value) return rejected('too-long', 0)
  if (value === undefined) return rejected(`not-${type.replaceAll('_', '-')}`, 0)
  if (type === 'cidr') {
    // Whoever says half of the internet has made a mistake; an attacker who says it wants to blind with alerts.
    if (Number(value.slice(value.indexOf('/') + 1)) < (value.includes(':') ? 16 : 8))
      return rejected('range-too-wide', 0)
    return { ok: true, value: singleAddress(value) }
  }
  if (type === 'domain_suffix' && getPublicSuffix(value, { validateHostname: false }) === value)
    return rejected('public-suffix', 0)
  if (type === 'ipv6' && !value.includes(':')) return { ok: true, value: { type: 'ipv4', value } }
  return { ok: true, value: { type, value } }
}

/**
 * The type that a bare text most likely is, as in a list of one value a line; undefined where it is none. A domain is
 * taken for that host alone, with `*.` or a dot before it for all below.
 */
export function guessIndicator(text: string): IndicatorValue | undefined {
  const plain = withoutPort(refang(text.trim()))
  if (plain === '' || plain.length > indicatorBounds.value) return undefined
  const type = guessType(plain)
  if (type === undefined) return undefined
  const outcome = normaliseIndicator(type, plain)
  return outcome.ok ? outcome.value : undefined
}

/** `192.0.2.7:443`, as feeds write where something listens, is the address. */
function withoutPort(text: string): string {
  return /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text)?.[1] ?? text
}

function guessType(text: string): IndicatorType | undefined {
  if (/^[0-9a-f]+$/i.test(text)) {
    if (text.length === 64) return 'sha256'
    if (text.length === 40) return 'sha1'
    if (text.length === 32) return 'md5'
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'url'
  if (text.startsWith('/') || /^[a-z]:\\/i.test(text)) return 'path'
  const family = readAddress(text, words)
  if (family !== 0) return family === 4 ? 'ipv4' : 'ipv6'
  if (text.includes('/')) {
    if (rangeForm(text) !== undefined) return 'cidr'
    return domainForm(text.slice(0, text.indexOf('/'))) === undefined ? undefined : 'url'
  }
  if (/^(?:\*\.|\.)/.test(text)) return 'domain_suffix'
  return domainForm(text) === undefined ? undefined : 'domain'
}

const forms: Readonly<Record<IndicatorType, (text: string) => string | undefined>> = {
  sha256: (text) => hashForm(text, 64),
  sha1: (text) => hashForm(text, 40),
  md5: (text) => hashForm(text, 32),
  ipv4: (text) => addressForm(withoutPort(refang(text)), 4),
  ipv6: (text) => addressForm(refang(text), 6),
  cidr: (text) => rangeForm(refang(text)),
  domain: (text) => domainForm(refang(text)),
  domain_suffix: (text) => domainForm(refang(text).replace(/^\*?\./, '')),
  registered_domain: (text) => {
    const host = hostOf(refang(text))
    return host === undefined ? undefined : registeredDomain(host)
  },
  url: (text) => urlForm(refang(text)),
  path: pathForm,
  process_name: (text) =>
    text.includes('/') || text.length > 256 || hasControl(text) || /^[*?]+$/.test(text)
      ? undefined
      : foldName(text),
}

/** Case taken out of a name, as `process_name` compares. */
export function foldName(text: string): string {
  return text.toLowerCase()
}

/** Undoes the ways in which people keep an indicator from being clicked: `hxxp`, `[.]`, `(.)`, `[:]`, `[dot]`, `[at]`. */
function refang(text: string): string {
  if (!/[[({]|^hxxp|^fxp|^meow/i.test(text)) return text
  return text
    .replace(/^(?:hxxp|meow)(s?)(?=:|\[)/i, 'http$1')
    .replace(/^fxp(?=:|\[)/i, 'ftp')
    .replace(/\[(\.|:|:\/\/|\/|@)\]|[({](\.)[)}]/g, (_, a?: string, b?: string) => a ?? b ?? '')
    .replace(/[[({]dot[\])}]/gi, '.')
}

function hashForm(text: string, digits: number): string | undefined {
  return text.length === digits && /^[0-9a-f]+$/i.test(text) ? text.toLowerCase() : undefined
}

const words = new Uint32Array(4)

function addressForm(text: string, wanted?: 4 | 6): string | undefined {
  const family = readAddress(text, words)
  if (family === 0) return undefined
  // An IPv4-mapped address is the IPv4 address, whichever was said.
  if (wanted !== undefined && wanted !== family && !(wanted === 6 && family === 4)) return undefined
  return writeAddress(family, words)
}

function rangeForm(text: string): string | undefined {
  const range = readRange(text, words)
  return range && `${writeAddress(range.family, words)}/${range.prefix}`
}

/** A range of one address is that address. */
function singleAddress(value: string): IndicatorValue {
  if (value.endsWith('/32') && !value.includes(':')) return { type: 'ipv4', value: value.slice(0, -3) }
  if (value.endsWith('/128')) return { type: 'ipv6', value: value.slice(0, -4) }
  return { type: 'cidr', value }
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** A host's name in ASCII and lower case, without a last dot; with at least two labels, and not all digits at the end. */
export function domainForm(text: string): string | undefined {
  let host = text.toLowerCase()
  if (host.endsWith('.')) host = host.slice(0, -1)
  if (host.length > 253 || host.length < 3) return undefined
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  if (/[^\u0000-\u007f]/.test(host)) host = domainToASCII(host)
  const labels = host.split('.')
  if (labels.length < 2 || /^\d+$/.test(labels.at(-1) ?? '')) return undefined
  return labels.every((label) => LABEL.test(label)) ? host : undefined
}

/** The host of a URL or a host's name. */
function hostOf(text: string): string | undefined {
  if (!text.includes('://')) return domainForm(text)
  const url = URL.parse(text)
  return url === null ? undefined : domainForm(url.hostname)
}

/** What somebody registered, by the Public Suffix List with its private part: `a.b.evil.co.uk` is `evil.co.uk`. */
export function registeredDomain(host: string): string | undefined {
  return getDomain(host, { allowPrivateDomains: true, validateHostname: false }) ?? undefined
}

/** A URL in the one form; without a scheme it begins with `//` and means any. Of http, https, ftp and the like only. */
export function urlForm(text: string): string | undefined {
  const bare = !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)
  if (hasControl(text)) return undefined
  const url = URL.parse(bare ? `http://${text.replace(/^\/\//, '')}` : text)
  if (url === null || url.host === '') return undefined
  const host = url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname
  if (host === '') return undefined
  const port = url.port === '' ? '' : `:${url.port}`
  const written = `//${host}${port}${url.pathname}${url.search}`
  if (written.length + url.protocol.length > indicatorBounds.value) return undefined
  return bare ? written : `${url.protocol}${written}`
}

/**
 * A path: absolute, or with a wildcard at its beginning. `*` is any text, also over folders, `?` one character. Windows'
 * paths are in lower case.
 */
function pathForm(text: string): string | undefined {
  if (hasControl(text)) return undefined
  // Two characters of its own at the least: what is nearly only wildcards would match everything.
  if (text.replaceAll(/[*?/\\]/g, '').length < 2) return undefined
  if (/^[a-z]:\\/i.test(text)) return text.toLowerCase()
  return /^[/*?%~$]/.test(text) ? text : undefined
}

function hasControl(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is sought
  return /[\u0000-\u001f\u007f]/.test(text)
}
