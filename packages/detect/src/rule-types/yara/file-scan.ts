import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import type { RuleMatch } from './engine.ts'
import { fileTypeOf } from './file-type.ts'
import type { LoadedYaraRules, YaraRule } from './load-yara-rules.ts'
import type { FileFinding, FoundPattern, ScanResult, ScanSettings, ScanTarget } from './messages.ts'
import { readTarget } from './read-target.ts'

/** Rules of one file that are told. */
const MOST_FINDINGS = 100
const MOST_DATA = 64
const LONGEST_TEXT = 4000
const LONGEST_NAME = 128

export type ScanLimits = Pick<ScanSettings, 'maxFileBytes' | 'mostMatches' | 'mostMeta'>

/** Reads one file and asks the rules about it. Never rejects for what the file is. */
export async function scanFile(
  rules: LoadedYaraRules,
  target: ScanTarget,
  limits: ScanLimits,
): Promise<ScanResult> {
  const read = readTarget(target, limits.maxFileBytes)
  if ('outcome' in read) return read
  const { data, uid } = read
  const name = basename(target.path)
  const values: Readonly<Record<string, () => string>> = {
    filename: () => name,
    filepath: () => target.path,
    extension: () => extname(name),
    filetype: () => fileTypeOf(data),
    owner: () => (uid === undefined ? '' : ownerName(uid)),
  }
  const variables = Object.fromEntries(
    rules.usedVariables.map((variable) => [variable, clean(values[variable]?.() ?? '', LONGEST_TEXT)]),
  )
  const matches = await rules.compiled.scan(data, variables)
  const findings = matches.slice(0, MOST_FINDINGS).flatMap((match) => {
    const rule = rules.find(match.namespace, match.rule)
    return rule === undefined ? [] : [findingOf(match, rule, data, limits)]
  })
  return {
    outcome: 'scanned',
    findings,
    sizeBytes: data.length,
    ...(findings.length > 0 && { sha256: createHash('sha256').update(data).digest('hex') }),
  }
}

function findingOf(
  { patterns }: RuleMatch,
  { file, text }: YaraRule,
  data: Buffer,
  { mostMatches, mostMeta }: ScanLimits,
): FileFinding {
  return {
    rule: {
      name: clean(text.name, LONGEST_NAME),
      file: clean(file, LONGEST_TEXT),
      tags: text.tags.slice(0, 64).map((tag) => clean(tag, LONGEST_NAME)),
      meta: text.meta.slice(0, mostMeta).map(({ name, value }) => ({
        name: clean(name, LONGEST_NAME),
        value: typeof value === 'string' ? clean(value, LONGEST_TEXT) : value,
      })),
    },
    matches: chosen(patterns, mostMatches).map(({ name, offset, length }) => ({
      name: clean(name, LONGEST_NAME),
      offset,
      length,
      data: printable(data.subarray(offset, offset + Math.min(length, MOST_DATA))),
    })),
    matchCount: patterns.length,
  }
}

/** The first match of each pattern, and then further ones as long as there is room. */
function chosen(patterns: RuleMatch['patterns'], most: number): RuleMatch['patterns'] {
  if (patterns.length <= most) return patterns
  const seen = new Set<string>()
  const first = patterns.filter(({ name }) => !seen.has(name) && seen.add(name))
  const rest = patterns.filter((one) => !first.includes(one)).slice(0, most)
  return [...first, ...rest].slice(0, most)
}

/** Bytes as text: printable ASCII as it is, all else as `\xNN`. */
function printable(bytes: Buffer): FoundPattern['data'] {
  let text = ''
  for (const byte of bytes) {
    text +=
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return text
}

/** As stores and engines take it: bounded, no NUL, no half of a surrogate pair. */
function clean(text: string, limit: number): string {
  return text.slice(0, limit).toWellFormed().replaceAll('\u0000', '\ufffd')
}

let owners: ReadonlyMap<string, string> | undefined

function ownerName(uid: number): string {
  owners ??= readOwners()
  return owners.get(String(uid)) ?? String(uid)
}

function readOwners(): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  try {
    for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [name, , uid] = line.split(':')
      if (name !== undefined && uid !== undefined && !names.has(uid)) names.set(uid, name)
    }
  } catch {
    // Numbers do.
  }
  return names
}
