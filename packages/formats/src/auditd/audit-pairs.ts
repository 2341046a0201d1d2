/**
 * The `key=value` pairs of a record of the Linux audit system, as auditd writes them (audit.log, RAW and ENRICHED form;
 * "Audit record fields", linux-audit project): values bare, in double or single quotes; pairs within a single-quoted
 * `msg='…'` count too. Text that the kernel wrote as hex digits because of spaces or quotes in it is decoded.
 * The first pair of a name wins.
 */
export function parseAuditPairs(line: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  for (const { 1: key = '', 2: quoted, 3: bare = '' } of line.matchAll(PAIR)) {
    if (pairs.has(key) || pairs.size >= MOST_PAIRS) continue
    pairs.set(key, quoted ?? (isText(key, pairs.get('type')) ? decodeHex(bare) : bare))
  }
  return pairs
}

/** A record of the kernel has at most 8 KiB, and its shortest pair, ` a9=\"\"`, six characters. */
const MOST_PAIRS = 2048
// oxlint-disable-next-line no-control-regex -- auditd sets a group separator before what it enriched
const PAIR = /(?:^|[\s'\u001d])([A-Za-z][\w-]*(?:\[\d{1,4}\])?)=(?:"([^"]*)"|([^\s'"\u001d]*))/g
const TEXT_KEYS = new Set([
  'acct',
  'cmd',
  'comm',
  'cwd',
  'data',
  'exe',
  'key',
  'name',
  'ocomm',
  'path',
  'proctitle',
])

/** Whether the kernel writes this field as text, which it gives in hex digits where it has to. */
function isText(key: string, type: string | undefined): boolean {
  return TEXT_KEYS.has(key) || (type === 'EXECVE' && /^a\d+(?:\[\d+\])?$/.test(key))
}

function decodeHex(value: string): string {
  if (value.length < 2 || value.length % 2 === 1 || !/^[0-9A-F]+$/.test(value)) return value
  return Buffer.from(value, 'hex').toString('utf8').replaceAll('\0', ' ')
}
