import { type ForeignRecord, urlForm } from '@vedette/formats'
import { type Visit, visitText } from './observables.ts'

/** Bounds on one record: one of a million parts or levels would hold up all others. */
const MOST_TEXTS = 2000
const DEEPEST = 8
const LONGEST_PATH = 4096
const MOST_NAMES = 4096

/** A name that says which program something is, alone: `Image` of Sysmon, `exe` and `comm` of auditd, `proc.name`. */
const PROGRAM =
  /(?:^|\.)(?:parent|source|target|new|caller|original|creator)*(?:image|processname|processpath|processimage|procname|exe|executable|comm|application|originalfilename|imagefilename)$|(?:^|\.)(?:process|proc|parent|actor|targetprocess)\.(?:name|exe|executable|path)$/

/** Hosts and parts of a URL that stand in fields of their own: W3C logs, Zeek, Suricata, ECS. */
const HOSTS: readonly string[] = ['cs-host', 'host', 'http.hostname', 'http_host', 'url.domain', 'dest_host']
const TARGETS: readonly string[] = [
  'cs-uri',
  'cs-uri-stem',
  'c-uri',
  'uri',
  'http.url',
  'url.path',
  'request_uri',
  'path',
]
const QUERIES: readonly string[] = ['cs-uri-query', 'url.query']

/** A file of Windows within a text. */
const WINDOWS_PATH = /[a-z]:\\[^\s"'<>|*?;,]+/gi

const programs = new Map<string, boolean>()

function isProgram(path: string): boolean {
  const known = programs.get(path)
  if (known !== undefined) return known
  const found = PROGRAM.test(path.toLowerCase().replaceAll(/[_\s-]/g, ''))
  // Names come from records, so that there is no end of them.
  if (programs.size < MOST_NAMES) programs.set(path, found)
  return found
}

/**
 * Tells of what stands in a foreign record. Addresses, hosts, URLs, hashes and paths are known by their form wherever they
 * stand, also within a text; a program's name by that of its field, and a URL that was taken apart is put together.
 */
export function visitRecordObservables(record: ForeignRecord, visit: Visit): void {
  let left = MOST_TEXTS
  const walk = (value: unknown, path: string, depth: number): void => {
    if (typeof value === 'string') {
      if (value.length < 2 || left <= 0) return
      left -= 1
      visitValue(value, path, visit)
    } else if (typeof value === 'object' && value !== null && depth < DEEPEST) {
      for (const key in value) {
        if (left <= 0) return
        walk((value as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`, depth + 1)
      }
    }
  }
  walk(record, '', 0)
  visitParts(record, visit)
}

function visitValue(text: string, path: string, visit: Visit): void {
  const isWindows = text.includes(':\\')
  if (isProgram(path)) {
    const base = text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1)
    if (base !== '') visit('process_name', base, path, text, text.length - base.length, base.length)
  }
  if (text.length <= LONGEST_PATH) {
    // Whole, since paths may have blanks; what has none is found below as well.
    if (text.startsWith('/') && text.includes(' ')) visit('path', text, path, text, 0, text.length)
    else if (/^[a-z]:\\/i.test(text)) visit('path', text.toLowerCase(), path, text, 0, text.length)
  }
  if (isWindows) {
    for (const { 0: found, index } of text.slice(0, 65_536).matchAll(WINDOWS_PATH)) {
      if (found.length !== text.length) visit('path', found.toLowerCase(), path, text, index, found.length)
    }
  }
  visitText(text, path, visit)
}

function visitParts(record: ForeignRecord, visit: Visit): void {
  const target = firstOf(record, TARGETS)
  if (target === undefined || !target.text.startsWith('/')) return
  const host = firstOf(record, HOSTS)
  if (host === undefined) return
  const query = firstOf(record, QUERIES)?.text ?? ''
  const more = query === '' || query === '-' || target.text.includes('?') ? '' : `?${query}`
  for (const scheme of ['http', 'https']) {
    const url = urlForm(`${scheme}://${host.text}${target.text}${more}`)
    if (url !== undefined) visit('url', url, target.name, target.text, 0, target.text.length)
  }
}

function firstOf(
  record: ForeignRecord,
  names: readonly string[],
): { readonly name: string; readonly text: string } | undefined {
  for (const name of names) {
    const text = at(record, name)
    if (typeof text === 'string' && text !== '' && text !== '-' && text.length <= 2048) return { name, text }
  }
  return undefined
}

/** Under the name as it is, dots and all, or below it. */
function at(record: ForeignRecord, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name]
  const dot = name.indexOf('.')
  if (dot < 0) return undefined
  const [first, second] = [name.slice(0, dot), name.slice(dot + 1)]
  const outer = Object.hasOwn(record, first) ? record[first] : undefined
  if (typeof outer !== 'object' || outer === null || !Object.hasOwn(outer, second)) return undefined
  return (outer as Record<string, unknown>)[second]
}
