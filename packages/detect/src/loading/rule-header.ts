import {
  type Event,
  type EventKind,
  type RuleId,
  type RuleInfo,
  type RuleProblem,
  severitySchema,
} from '@vedette/model'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { techniqueOfTag, type TechniqueCatalogue } from '../attack.ts'
import type { RuleDocument } from './document.ts'
import { shapeAt, suggestField } from '../fields/field.ts'
import { parseTemplate, type Template } from './template.ts'

/** Our extension of a Sigma rule, under its top-level key `vedette`. Everything in it is optional. */
const extensionSchema = z.strictObject({
  /** Plain words: what this is, why it matters, when it is harmless. Default: the rule's description. */
  explanation: z.string().min(1).max(4000).optional(),
  /** Points that a match adds to a risk ledger. Default: by level. */
  risk_points: z.int().min(0).max(100).optional(),
  /** A sentence with fields in braces: `{process.name} read {file.path}`. */
  title: z.string().min(1).max(400).optional(),
  /** What the alert is about besides the process, with fields in braces: `account:{user.name}`. */
  entity: z.string().min(1).max(400).optional(),
})
const extensionKeys = Object.keys(extensionSchema.shape)

const statuses = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const

const headerSchema = z
  .object({
    /** A rule that is only a part of a correlation may have a name alone. */
    title: z.string().min(1).max(1000).optional(),
    name: z.string().min(1).max(1000).nullish(),
    id: z.string().min(1).max(100).nullish(),
    status: z.enum(statuses).nullish(),
    description: z.string().max(65_535).nullish(),
    level: severitySchema.nullish(),
    author: z.string().max(2000).nullish(),
    tags: z.array(z.string().max(200)).max(200).nullish(),
    falsepositives: z.union([z.string().max(10_000), z.array(z.string().max(10_000)).max(200)]).nullish(),
  })
  .refine(({ title, name }) => title !== undefined || typeof name === 'string', {
    path: ['title'],
    message: 'expected a title',
  })

const RISK = { informational: 1, low: 10, medium: 25, high: 50, critical: 80 } as const

/** What a rule says of itself, and how its alerts name what happened. */
export interface RuleHeader {
  readonly info: RuleInfo
  /** Sigma's `name`, by which correlations and filters may refer to the rule. */
  readonly name: string | undefined
  /** What it says of its alerts in its own words. */
  readonly templates: { readonly title: Template | undefined; readonly entity: Template | undefined }
  title(event: Event, extra?: Readonly<Record<string, string | number>>): string
  entity(event: Event, extra?: Readonly<Record<string, string | number>>): string
}

/**
 * Reads the keys that rules of every type share; undefined, with problems added, where one is wrong.
 *
 * @param kinds of event that the rule sees; the fields in its templates are looked up in them
 * @param extra names that its templates may use besides
 */
export function readHeader(
  document: RuleDocument,
  type: string,
  kinds: readonly EventKind[],
  techniques: TechniqueCatalogue,
  problems: RuleProblem[],
  extra: readonly string[] = [],
): RuleHeader | undefined {
  const before = problems.length
  const header = headerSchema.safeParse(document.data)
  if (!header.success) problems.push(...document.problemsOf(header.error, []))
  const extension = extensionSchema.safeParse(document.data['vedette'] ?? {})
  if (!extension.success) problems.push(...document.problemsOf(extension.error, ['vedette'], extensionKeys))
  if (!header.success || !extension.success) return undefined
  const { data } = header
  const own = extension.data
  const title =
    own.title === undefined ? undefined : readTemplate(document, 'title', own.title, kinds, extra, problems)
  const entity =
    own.entity === undefined
      ? undefined
      : readTemplate(document, 'entity', own.entity, kinds, extra, problems)
  if (problems.length > before) return undefined

  const severity = data.level ?? 'medium'
  const ruleTitle = data.title ?? data.name ?? ''
  const info: RuleInfo = {
    id: ruleIdOf(data) as RuleId,
    title: ruleTitle,
    type,
    severity,
    explanation: (own.explanation ?? data.description ?? ruleTitle).trim(),
    techniques: (data.tags ?? []).flatMap((tag) => techniqueOfTag(tag, techniques) ?? []),
    falsePositives:
      typeof data.falsepositives === 'string' ? [data.falsepositives] : (data.falsepositives ?? []),
    riskPoints: own.risk_points ?? RISK[severity],
    file: document.file,
    ...(data.author ? { author: data.author } : {}),
    ...(data.status ? { status: data.status } : {}),
  }
  return {
    info,
    name: data.name ?? undefined,
    templates: { title, entity },
    title: (event, values) =>
      (title ?? DEFAULT_TITLES[event.kind]).fill(event, { 'rule.title': ruleTitle, ...values }),
    entity: (event, values) => (entity ? entity.fill(event, values) : defaultEntity(event)),
  }
}

function readTemplate(
  document: RuleDocument,
  key: string,
  text: string,
  kinds: readonly EventKind[],
  extra: readonly string[],
  problems: RuleProblem[],
): Template | undefined {
  const path = ['vedette', key]
  let template: Template
  try {
    template = parseTemplate(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    problems.push(document.problem(path, 'invalid-template', reason, { at: 'value' }))
    return undefined
  }
  for (const field of template.fields) {
    // A rule for foreign records alone may name any of their fields.
    const known =
      kinds.length === 0 || extra.includes(field) || kinds.some((kind) => shapeAt(kind, field) !== undefined)
    if (known) continue
    problems.push(
      document.problem(
        path,
        'unknown-field',
        `the template names "${field}", which these events do not have`,
        {
          hint: suggestField(field, kinds, extra),
          at: 'value',
        },
      ),
    )
  }
  return template
}

/** The id of a rule; for one without, the same title (or name, where it has no title) gives the same id. */
export function ruleIdOf({ id, title, name }: Readonly<Record<string, unknown>>): string {
  if (typeof id === 'string') return id
  const text = [title, name].find((one) => typeof one === 'string') ?? ''
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

const DEFAULT_TITLES: Readonly<Record<EventKind, Template>> = {
  process: parseTemplate(
    '{rule.title}: {process.name} as {process.user.name, process.user.uid} on {device.hostname}',
  ),
  network: parseTemplate(
    '{rule.title}: {process.name} and {dst_endpoint.ip} port {dst_endpoint.port} on {device.hostname}',
  ),
  file: parseTemplate('{rule.title}: {file.path} by {process.name} on {device.hostname}'),
  authentication: parseTemplate('{rule.title}: {user.name} through {service} on {device.hostname}'),
  account: parseTemplate('{rule.title}: {user.name, user.uid, group.name} on {device.hostname}'),
  log: parseTemplate('{rule.title}: in {path} on {device.hostname}'),
  finding: parseTemplate('{rule.title}: {finding_info.title} in {file.path} on {device.hostname}'),
  system: parseTemplate('{rule.title}: {process.name} on {device.hostname}'),
  protocol: parseTemplate(
    '{rule.title}: {src_endpoint.ip} and {dst_endpoint.ip} port {dst_endpoint.port} on {device.hostname}',
  ),
  usage: parseTemplate('{rule.title}: {process.name, cgroup, device.hostname} on {device.hostname}'),
  sensor: parseTemplate('{rule.title}: {part} on {device.hostname}'),
  inventory: parseTemplate('{rule.title}: {item.key, inventory_type} on {device.hostname}'),
}

function defaultEntity(event: Event): string {
  switch (event.kind) {
    case 'process':
      return `program:${event.process.path ?? event.process.name}`
    case 'network':
      return `address:${(event.direction === 'inbound' ? event.src_endpoint : event.dst_endpoint)?.ip ?? 'unknown'}`
    case 'file':
    case 'finding':
      return `file:${event.file.path}`
    case 'authentication':
      return `account:${event.user.name ?? event.user.uid}`
    case 'account':
      return `account:${event.user?.name ?? event.user?.uid ?? event.group?.name ?? 'unknown'}`
    case 'system':
      return `program:${event.process?.path ?? event.process?.name ?? 'unknown'}`
    case 'protocol':
      return `address:${event.dst_endpoint.ip}`
    case 'usage':
      return `program:${event.process?.path ?? event.process?.name ?? event.cgroup ?? 'host'}`
    case 'sensor':
      return `part:${event.part}`
    case 'inventory':
      return `${event.inventory_type}:${event.item?.key ?? 'all'}`
    default:
      return `program:${event.service ?? event.path}`
  }
}
