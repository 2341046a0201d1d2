import type { LogSource } from '@vedette/model'
import { firstLine } from '../lines/head-lines.ts'
import { type LineParser, LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { fieldName } from '../windows-event/fields.ts'

/** Most fields of a line. */
const MAX_FIELDS = 512
const WEB_SERVER: LogSource = { category: 'webserver', service: 'access' }
const PROXY: LogSource = { category: 'proxy', service: 'access' }
const UNKNOWN: LogSource = {}

/**
 * The W3C Extended Log File Format (W3C Working Draft WD-logfile-960323) of IIS and of proxies. Its names are Sigma's
 * (`cs-method`, `cs-uri-query`); `cs(User-Agent)` is `cs-user-agent` and, for proxies, `c-useragent` too. `cs-uri-query`
 * is the whole target, as for other web servers; what the file has there is `cs-uri-query-string`.
 */
export const w3cFormat: RecordFormat = {
  name: 'w3c',
  cut: 'whole',
  // Directives come first; further down such a line may be anybody's.
  recognises: (head) =>
    firstLine(head).startsWith('#') &&
    /^#Fields: ?.*\b(?:c-ip|cs-method|cs-uri|sc-status|date|s-ip)\b/m.test(
      Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1'),
    ),
  open: () => new LineReader(w3cLine()),
}

function w3cLine(): LineParser {
  let names: readonly string[] = []
  let source = UNKNOWN
  return (line, number, batch) => {
    if (line.startsWith('#')) {
      const fields = /^#Fields:\s*(.*)$/.exec(line)?.[1]
      if (fields !== undefined) {
        names = fields.trim().split(/\s+/, MAX_FIELDS).map(plainName)
        source = sourceOf(names)
      }
      return undefined
    }
    if (names.length === 0) return 'no-fields-header'
    const values = valuesOf(line)
    if (values.length !== names.length) return 'wrong-column-count'
    const record: Record<string, string> = {}
    names.forEach((name, i) => {
      const value = values[i]
      if (value !== undefined && value !== '-') record[name] = value
    })
    addSigmaNames(record, source)
    batch.add(record, number, source)
    return undefined
  }
}

function plainName(name: string): string {
  return fieldName(name.replace(/\(([^()]*)\)$/, '-$1').toLowerCase())
}

function sourceOf(names: readonly string[]): LogSource {
  if (names.includes('cs-uri-stem') && names.includes('s-port')) return WEB_SERVER
  if (names.includes('cs-host') || names.includes('cs-uri') || names.includes('c-uri')) return PROXY
  return names.includes('cs-method') ? WEB_SERVER : UNKNOWN
}

function addSigmaNames(record: Record<string, string>, source: LogSource): void {
  const { 'cs-uri-stem': stem, 'cs-uri-query': query, 'cs-user-agent': agent, date, time } = record
  if (stem !== undefined) {
    if (query !== undefined) record['cs-uri-query-string'] = query
    record['cs-uri-query'] = query === undefined ? stem : `${stem}?${query.replace(/^\?/, '')}`
    record['cs-uri'] ??= record['cs-uri-query']
  }
  if (source === PROXY) {
    const uri = record['cs-uri']
    if (uri !== undefined) record['c-uri'] ??= uri
    if (agent !== undefined) record['c-useragent'] ??= agent
  }
  if (date !== undefined && time !== undefined) record['timestamp'] ??= `${date}T${time}Z`
}

/** Between white space; values in double quotes hold spaces. */
function valuesOf(line: string): readonly string[] {
  return Array.from(line.matchAll(/"((?:[^"]|"")*)"(?=\s|$)|(\S+)/g), ([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'),
  ).slice(0, MAX_FIELDS + 1)
}
