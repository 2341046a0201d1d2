import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

/** What one check of a case counts: records of EVE that have these values at these paths. */
export interface Filter {
  readonly count: number
  readonly match: Readonly<Record<string, unknown>>
  /** It is for an older release only, where the newest says it in another way. */
  readonly isOld: boolean
}

export interface Case {
  /** Path of its folder. */
  readonly name: string
  /** Path of its capture; undefined where it has none, or where the archive does not hold it. */
  readonly capture: string | undefined
  readonly filters: readonly Filter[]
  /** Kinds of checks that are about the program and not about records: `shell`, `stats`, `file-compare`. */
  readonly others: readonly string[]
  /** Protocols that a flow must have for the alerts of the case to come about, as Suricata names them. */
  readonly spoken: readonly string[]
}

const requiresSchema = z.looseObject({
  'min-version': z.coerce.string().optional(),
  'lt-version': z.coerce.string().optional(),
  version: z.coerce.string().optional(),
})

const caseSchema = z.looseObject({
  pcap: z.union([z.string(), z.literal(false)]).optional(),
  rules: z.string().optional(),
  checks: z
    .array(
      z.looseObject({
        filter: z
          .looseObject({
            count: z.int(),
            match: z.record(z.string(), z.unknown()),
            requires: requiresSchema.nullish(),
          })
          .optional(),
      }),
    )
    .nullish(),
})

/** Reads every case under a folder, in the order of their names. */
export function readCases(folder: string): Case[] {
  return globSync('**/test.yaml', { cwd: folder })
    .map((file) => dirname(file))
    .sort()
    .map((name) => {
      const given = caseSchema.parse(parse(readFileSync(join(folder, name, 'test.yaml'), 'utf8')))
      const checks = given.checks ?? []
      return {
        name,
        capture: captureOf(join(folder, name), given.pcap),
        filters: checks.flatMap(({ filter }) =>
          filter === undefined
            ? []
            : [
                {
                  count: filter.count,
                  match: filter.match,
                  isOld:
                    filter.requires?.['lt-version'] !== undefined || filter.requires?.version !== undefined,
                },
              ],
        ),
        others: checks.flatMap((check) => Object.keys(check)).filter((kind) => kind !== 'filter'),
        spoken: spokenIn(
          join(folder, name),
          given.rules,
          checks.flatMap(({ filter }) => (filter === undefined ? [] : [filter])),
        ),
      }
    })
}

function captureOf(folder: string, given: string | false | undefined): string | undefined {
  if (given === false) return undefined
  const names = given === undefined ? globSync('*.{pcap,pcapng}', { cwd: folder }).sort() : [given]
  const file = names[0] === undefined ? undefined : join(folder, names[0])
  return file !== undefined && existsSync(file) ? file : undefined
}

/** Protocols of the rules that fire: `alert smb any any -> ...` is met on a flow of SMB alone. */
function spokenIn(
  folder: string,
  given: string | undefined,
  filters: readonly { readonly count: number; readonly match: Readonly<Record<string, unknown>> }[],
): string[] {
  const files = given === undefined ? globSync('*.rules', { cwd: folder }) : [given]
  const protocols = new Map<number, string>()
  for (const file of files)
    for (const [, protocol = '', sid = ''] of readFileSync(join(folder, file), 'utf8').matchAll(
      /^(?:alert|drop|reject) ([a-z0-9-]+) .*?\bsid: *(\d+)/gm,
    ))
      protocols.set(Number(sid), protocol)
  const met = filters
    .filter(({ count, match }) => count > 0 && match['event_type'] === 'alert')
    .map(({ match }) => protocols.get(Number(match['alert.signature_id'])))
  return [...new Set(met)].filter((protocol) => protocol !== undefined).sort()
}
