import { CodedError } from '@vedette/base'
import type { RuleSheet } from '@vedette/detect'
import type { Alert, Event, EventKind, ExceptionField, LogSource, RuleId, RuleInfo } from '@vedette/model'
import { stringify } from 'yaml'
import { withoutChance } from './sigma-value.ts'

/** A field by which an exception may tell its case apart. */
export interface FieldChoice extends ExceptionField {
  /** What stands there in the alert's event, as it is. */
  readonly seen: string
  readonly chosen: boolean
}

/** What a person asks of an exception. */
export interface ExceptionRequest {
  /**
   * `Image`, `process.path`, or with a value of Sigma: `CommandLine=*--backup*`. Default: those that tell the case
   * apart best.
   */
  readonly fields?: readonly string[]
  readonly owner: string
  readonly reason: string
  /** Milliseconds since the epoch; absent: it does not end by itself. */
  readonly expiresAt?: number
}

/** Paths of events that may tell a case apart, the most telling first. None is an id, a number of a process or a time. */
const TELLING: Readonly<Record<EventKind, readonly string[]>> = {
  process: [
    'process.path',
    'process.name',
    'process.cmd_line',
    'process.user.name',
    'process.parent_process.path',
    'process.parent_process.cmd_line',
    'process.working_directory',
    'process.file.hashes.value',
    'device.hostname',
  ],
  file: [
    'file.path',
    'file_result.path',
    'process.path',
    'process.name',
    'process.cmd_line',
    'process.user.name',
    'process.parent_process.path',
    'device.hostname',
  ],
  network: [
    'process.path',
    'process.name',
    'dst_endpoint.ip',
    'dst_endpoint.port',
    'src_endpoint.ip',
    'direction',
    'process.cmd_line',
    'process.user.name',
    'process.parent_process.path',
    'device.hostname',
  ],
  authentication: ['service', 'user.name', 'src_endpoint.ip', 'src_hostname', 'device.hostname'],
  account: ['activity', 'user.name', 'group.name', 'service', 'device.hostname'],
  log: ['service', 'path', 'message', 'device.hostname'],
  finding: [],
  system: ['activity', 'process.path', 'process.name', 'process.cmd_line', 'file.path', 'device.hostname'],
  protocol: ['protocol_name', 'dst_endpoint.ip', 'dst_endpoint.port', 'src_endpoint.ip', 'process.path'],
  usage: ['resource', 'process.path', 'process.name', 'cgroup', 'device.hostname'],
  inventory: ['item.key', 'item.facts.path', 'item.facts.user', 'inventory_type', 'device.hostname'],
  sensor: ['part', 'cause'],
}

/** Programs that do what their arguments say: without these an exception for them would hide anything. */
const INTERPRETERS =
  /^(?:(?:ba|da|z|k|c|tc|fi|a)?sh|busybox|perl[\d.]*|python[\d.]*|ruby[\d.]*|php[\d.]*|node|lua[\d.]*|java|env|xargs|find|awk|gawk|mawk|sudo|su|systemd-run|nsenter|unshare|docker|kubectl|curl|wget|ssh|socat|nc|ncat|tar|openssl|base64|sed|dd|cp|mv|cat|tee|chmod|chattr|ln|mount|iptables|nft|rm|shred|gdb|strace)$/

const LONGEST_SHOWN = 500

/** Fields of the alert's event that an exception may go by, with those chosen that tell the case apart. */
export function fieldChoices(alert: Alert, event: Event, sheet: RuleSheet): FieldChoice[] {
  const paths = new Set([...groupsOf(alert), ...TELLING[event.kind]])
  const chance = chanceOf(event)
  const wanted = telling(alert, event)
  const choices: FieldChoice[] = []
  const taken = new Set<string>()
  for (const path of paths) {
    const name = sheet.nameOf(event.kind, path)
    const value = sheet.valueOf(event, name)
    const seen = typeof value === 'string' ? value : value?.[0]
    if (seen === undefined || seen === '' || taken.has(name)) continue
    // The name says less than the path, and is for where there is none.
    if (
      path === 'process.name' &&
      choices.some(({ name: other }) => other === sheet.nameOf(event.kind, 'process.path'))
    )
      continue
    taken.add(name)
    choices.push({
      name,
      value: path.includes('hashes') ? seen : withoutChance(seen, chance),
      seen: seen.slice(0, LONGEST_SHOWN),
      chosen: wanted.has(path),
    })
  }
  return choices
}

/** What the request asks for, of what there is. */
export function choose(
  choices: readonly FieldChoice[],
  request: readonly string[] | undefined,
  sheet: RuleSheet,
  event: Event,
): FieldChoice[] {
  if (request === undefined || request.length === 0) return choices.map((choice) => ({ ...choice }))
  const wanted = new Map<string, string | undefined>()
  for (const text of request) {
    const at = text.indexOf('=')
    const asked = (at < 0 ? text : text.slice(0, at)).trim()
    const name = sheet.nameOf(event.kind, asked)
    if (isOfOneCase(asked)) {
      throw new CodedError(
        'field-of-one-case',
        `"${asked}" is another in each case: an exception by it would never be met again`,
      )
    }
    const value = sheet.valueOf(event, name)
    if (value === undefined) {
      const known = choices.map((choice) => choice.name).join(', ')
      throw new CodedError(
        'unknown-field',
        `The event of this alert has no field "${asked}"; it has ${known}`,
      )
    }
    if (at >= 0 && text.slice(at + 1).replace(/[*?]/g, '') === '') {
      throw new CodedError('empty-value', `"${text}" would be met by anything`)
    }
    wanted.set(name, at < 0 ? undefined : text.slice(at + 1))
  }
  const known = new Set(choices.map(({ name }) => name))
  const others = [...wanted.keys()].filter((name) => !known.has(name))
  const chance = chanceOf(event)
  const all = [
    ...choices,
    ...others.map((name): FieldChoice => {
      const value = sheet.valueOf(event, name)
      const seen = (typeof value === 'string' ? value : value?.[0]) ?? ''
      return { name, seen: seen.slice(0, LONGEST_SHOWN), value: withoutChance(seen, chance), chosen: true }
    }),
  ]
  return all.map((choice) => ({
    ...choice,
    value: wanted.get(choice.name) ?? choice.value,
    chosen: wanted.has(choice.name),
  }))
}

/** A Sigma filter that takes a case out of a rule. */
export function writeFilter(
  filter: {
    readonly id: string
    readonly rule: Pick<RuleInfo, 'id' | 'title'>
    readonly source: LogSource
    readonly fields: readonly ExceptionField[]
    readonly addedAt: number
  } & Pick<ExceptionRequest, 'owner' | 'reason' | 'expiresAt'>,
): string {
  const { id, rule, source, fields, addedAt, owner, reason, expiresAt } = filter
  return stringify(
    {
      title: `Exception from: ${rule.title}`.slice(0, 256),
      id,
      status: 'stable',
      description: reason,
      author: owner,
      date: new Date(addedAt).toISOString().slice(0, 10),
      // Not of Sigma, which lets rules carry more keys: other engines pass over it.
      ...(expiresAt !== undefined && { expires: new Date(expiresAt).toISOString() }),
      logsource: source,
      filter: {
        rules: [rule.id],
        selection: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
        condition: 'not selection',
      },
    },
    { lineWidth: 0 },
  )
}

/** A rule that is met by what the filter takes out. */
export function writeProbe(id: RuleId, source: LogSource, fields: readonly ExceptionField[]): string {
  return stringify({
    title: 'What an exception takes out',
    id,
    level: 'informational',
    logsource: source,
    detection: {
      selection: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
      condition: 'selection',
    },
  })
}

/** Paths that are chosen where the person says nothing. */
function telling(alert: Alert, event: Event): ReadonlySet<string> {
  const matched = new Set(alert.matches.map(({ field }) => field.replace(/\.\d+(?=\.|$)/g, '')))
  const wanted = new Set<string>(groupsOf(alert))
  if (wanted.size > 0) return wanted
  const { process } = event as { readonly process?: { readonly name: string; readonly path?: string } }
  const add = (...paths: string[]) => paths.forEach((path) => wanted.add(path))
  if (process) {
    add('process.path', 'process.name', 'process.user.name')
    if (event.kind === 'process') add('process.parent_process.path')
    const program = (process.path ?? process.name).split('/').at(-1) ?? ''
    if (matched.has('process.cmd_line') || INTERPRETERS.test(program)) add('process.cmd_line')
  }
  if (event.kind === 'file') add('file.path', 'file_result.path')
  if (event.kind === 'network') {
    if (event.direction === 'inbound') add('src_endpoint.ip', 'direction')
    else add('dst_endpoint.ip', 'dst_endpoint.port')
  }
  if (event.kind === 'authentication') add('service', 'user.name', 'src_endpoint.ip')
  if (event.kind === 'log') add('service', 'path', 'message')
  return wanted
}

/** What a counting rule tells its groups apart by, where that is no id. */
function groupsOf({ aggregate = {} }: Alert): string[] {
  return Object.keys(aggregate).filter(
    (name) => name !== 'count' && name !== 'value' && !isOfOneCase(name) && aggregate[name] !== '',
  )
}

function isOfOneCase(name: string): boolean {
  return /(?:^|[._])(?:pid|ppid|uid|id|guid|inode|time|created_time|logged_time)$|ProcessId$|ProcessGuid$|^UtcTime$|^id$/i.test(
    name,
  )
}

/** Numbers of this one case. */
function chanceOf(event: Event): string[] {
  const { process } = event as {
    readonly process?: {
      readonly pid: number
      readonly parent_process?: { readonly pid: number }
      readonly ancestry?: readonly { readonly pid: number }[]
    }
  }
  if (!process) return []
  const pids = [process.pid, process.parent_process?.pid, ...(process.ancestry ?? []).map(({ pid }) => pid)]
  return pids.flatMap((pid) => (pid === undefined ? [] : [String(pid)]))
}
