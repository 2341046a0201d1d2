import { domainForm, hexDigit, readAddress, urlForm } from '@vedette/formats'
import type { Event } from '@vedette/model'
import type { ObservableKind } from './indicator-set.ts'

/**
 * Told of one thing that stands in an event.
 *
 * @param value in the form in which indicators are compared
 * @param field path in the Event
 * @param text the field's whole text
 * @param start where in it, in UTF-16 units; with `length`
 */
export type Visit = (
  kind: ObservableKind,
  value: string,
  field: string,
  text: string,
  start: number,
  length: number,
) => void

/** Of a text that are looked through. */
const LONGEST_TEXT = 65_536
const LONGEST_WORD = 2048

/**
 * Tells of every address, name of a host, URL, hash, path and name of a program in an event. Of processes those that
 * start are looked at, and not again when they act or end; of connections those that begin.
 */
export function visitObservables(event: Event, visit: Visit): void {
  const whole = (kind: ObservableKind, value: string | undefined, field: string) => {
    if (value !== undefined && value !== '') visit(kind, value, field, value, 0, value.length)
  }
  switch (event.kind) {
    case 'process': {
      if (event.activity !== 'launch') return
      const { path, name, file, cmd_line: line, streams } = event.process
      for (const { value } of file?.hashes ?? []) whole('hash', value, 'process.file.hashes.0.value')
      whole('path', path, 'process.path')
      if (file !== undefined && file.path !== path) whole('path', file.path, 'process.file.path')
      whole('process_name', name, 'process.name')
      const base = path?.slice(path.lastIndexOf('/') + 1)
      if (base !== name) whole('process_name', base, 'process.path')
      for (const [number, stream] of (streams ?? []).entries()) {
        whole('address', stream.peer?.ip, `process.streams.${number}.peer.ip`)
      }
      if (line !== undefined) visitText(line, 'process.cmd_line', visit)
      return
    }
    case 'network':
      if (event.activity === 'close') return
      whole('address', event.dst_endpoint.ip, 'dst_endpoint.ip')
      whole('address', event.src_endpoint?.ip, 'src_endpoint.ip')
      return
    case 'finding':
    case 'file':
      for (const { value } of event.file.hashes ?? []) whole('hash', value, 'file.hashes.0.value')
      whole('path', event.file.path, 'file.path')
      if (event.kind === 'file') whole('path', event.file_result?.path, 'file_result.path')
      return
    case 'authentication':
      whole('address', event.src_endpoint?.ip, 'src_endpoint.ip')
      if (event.raw !== undefined) visitText(event.raw, 'raw', visit)
      return
    case 'protocol':
      whole('address', event.dst_endpoint.ip, 'dst_endpoint.ip')
      whole('address', event.src_endpoint.ip, 'src_endpoint.ip')
      return
    case 'account':
    case 'system':
    case 'usage':
    case 'inventory':
    case 'sensor':
      return
    case 'log':
      visitText(event.message, 'message', visit)
  }
}

/** Separates words of a command line or a log line: blanks, quotes, brackets, and what a shell takes for an end. */
const SEPARATORS = new Uint8Array(128)
for (const character of ' \t\r\n\v\f\0"\'`<>(){}|\\^,;') SEPARATORS[character.charCodeAt(0)] = 1

/** Tells of what stands in free text. Its time is linear in the text, of which the first 65,536 characters count. */
export function visitText(text: string, field: string, visit: Visit): void {
  const end = Math.min(text.length, LONGEST_TEXT)
  let start = 0
  let telling = false
  for (let i = 0; i <= end; i += 1) {
    const code = i === end ? 32 : text.charCodeAt(i)
    if (code < 128 && SEPARATORS[code] === 1) {
      const length = i - start
      if (
        length >= 4 &&
        length <= LONGEST_WORD &&
        (telling || length === 32 || length === 40 || length === 64)
      ) {
        visitWord(text, start, i, field, visit)
      }
      start = i + 1
      telling = false
    } else if (code === 46 || code === 58 || code === 47 || code === 61) telling = true
  }
}

function visitWord(text: string, start: number, end: number, field: string, visit: Visit): void {
  const word = text.slice(start, end)
  const scheme = word.indexOf('://')
  if (scheme > 0) {
    let from = scheme
    while (from > 0 && isSchemeCharacter(word.charCodeAt(from - 1))) from -= 1
    visitUrl(word.slice(from), text, start + from, field, visit)
    return
  }
  if (word.charCodeAt(0) === SLASH) {
    visit('path', word, field, text, start, word.length)
    return
  }
  let from = 0
  for (let i = 0; i <= word.length; i += 1) {
    const code = i === word.length ? EQUALS : word.charCodeAt(i)
    if (code !== EQUALS && code !== AT) continue
    if (i > from) visitPart(word.slice(from, i), text, start + from, field, visit)
    from = i + 1
  }
}

const SLASH = 47
const EQUALS = 61
const AT = 64
const words = new Uint32Array(4)

/** A word without `=` and `@`: a path, an address, a hash, a host with a port or a path behind it. */
function visitPart(part: string, text: string, start: number, field: string, visit: Visit): void {
  if (part.charCodeAt(0) === SLASH) {
    visit('path', part, field, text, start, part.length)
    return
  }
  const tell = (kind: ObservableKind, value: string, from: number, length: number) =>
    visit(kind, value, field, text, start + from, length)
  const colon = part.indexOf(':')
  if (colon >= 0 && part.indexOf(':', colon + 1) >= 0) {
    const bracketed = /^\[([^\]]*)\]/.exec(part)?.[1]
    const address = bracketed ?? part
    if (readAddress(address, words) !== 0)
      tell('address', address, bracketed === undefined ? 0 : 1, address.length)
    return
  }
  const slash = part.indexOf('/')
  const stop = Math.min(colon < 0 ? part.length : colon, slash < 0 ? part.length : slash)
  const host = trimDots(part.slice(0, stop))
  if (isHash(host)) tell('hash', host.toLowerCase(), 0, host.length)
  else if (readAddress(host, words) !== 0) tell('address', host, 0, host.length)
  else if (host.includes('.')) {
    const domain = domainForm(host)
    if (domain !== undefined) {
      tell('domain', domain, 0, host.length)
      if (slash > 0 && slash !== colon + 1) {
        // A program that is given a URL without a scheme takes http.
        const url = urlForm(`http://${part}`)
        if (url !== undefined) tell('url', url, 0, part.length)
      }
    }
  }
  if (colon > 0 && slash !== colon + 1) {
    const rest = part.slice(colon + 1)
    if (isHash(rest)) tell('hash', rest.toLowerCase(), colon + 1, rest.length)
  }
}

function visitUrl(written: string, text: string, start: number, field: string, visit: Visit): void {
  const trimmed = written.replace(/[.:!&]+$/, '')
  const url = urlForm(trimmed)
  if (url === undefined) return
  visit('url', url, field, text, start, trimmed.length)
  const from = url.indexOf('//') + 2
  const stop = url.indexOf('/', from)
  const authority = url.slice(from, stop < 0 ? url.length : stop)
  const host = authority.startsWith('[')
    ? authority.slice(1, authority.indexOf(']'))
    : (authority.split(':', 1)[0] ?? '')
  if (readAddress(host, words) !== 0) visit('address', host, field, text, start, trimmed.length)
  else {
    const domain = domainForm(host)
    if (domain !== undefined) visit('domain', domain, field, text, start, trimmed.length)
  }
}

function isSchemeCharacter(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 43 || code === 45
}

function isHash(text: string): boolean {
  if (text.length !== 64 && text.length !== 40 && text.length !== 32) return false
  for (let i = 0; i < text.length; i += 1) if (hexDigit(text.charCodeAt(i)) < 0) return false
  return true
}

function trimDots(text: string): string {
  let end = text.length
  while (end > 0 && (text.charCodeAt(end - 1) === 46 || text.charCodeAt(end - 1) === 33)) end -= 1
  return end === text.length ? text : text.slice(0, end)
}
