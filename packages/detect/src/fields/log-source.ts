import { type EventKind, eventKinds, type LogSource, type RuleProblem } from '@vedette/model'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { bind, type Condition, fieldsIn } from '../condition/condition.ts'
import { parseRuleFile, type RuleDocument } from '../loading/document.ts'
import { EVERYWHERE, type Field, keyField, pathField, shapeAt } from './field.ts'
import type { RecordMapping } from './record-kind.ts'
import { parseSelection } from '../selection/selection.ts'
import { didYouMean } from '../loading/suggest.ts'

const fieldSchema = z.union([
  z.string(),
  z.strictObject({ path: z.string(), values: z.record(z.string(), z.string()) }),
])

const logSourceSchema = z.strictObject({
  product: z.string().optional(),
  category: z.string().optional(),
  service: z.string().optional(),
})

const mappingSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  sources: z.array(
    z.strictObject({
      logsource: logSourceSchema,
      /** Which of our own Events it means. */
      events: z
        .array(
          z.strictObject({
            kind: z.enum(eventKinds),
            /** A Sigma selection over paths of the Event. */
            where: z.record(z.string(), z.unknown()).optional(),
            /** Names in the log source's own words. */
            fields: z.record(z.string(), fieldSchema).optional(),
            /** Every other name is a key of `key=value` in the text at this path. */
            pairs: z.string().optional(),
          }),
        )
        .min(1)
        .optional(),
      /** Which foreign records it means; one of these is enough. */
      records: z
        .array(
          z.strictObject({
            /** What the reader of the record says of its source. Default: the product of `logsource`. */
            from: logSourceSchema.optional(),
            /** A Sigma selection over the record's own keys. */
            where: z.record(z.string(), z.unknown()).optional(),
            /** What a name in a rule is called in these records, where they call it otherwise. */
            fields: z.record(z.string(), z.string()).optional(),
          }),
        )
        .min(1)
        .optional(),
    }),
  ),
})

/** Events that a log source of Sigma's taxonomy stands for: one of the kinds that it may be. */
export interface LogSourceRoute {
  readonly kind: EventKind
  readonly where: Condition<Field> | undefined
  /** The field for a name in a rule; undefined where events of this kind never have it. */
  field(name: string): Field | undefined
  /** Names besides the paths of the Event. */
  readonly names: readonly string[]
}

/** Which events each log source means; read from `content/mappings/*.yml`. */
export class LogSources {
  readonly #routes = new Map<string, readonly LogSourceRoute[]>()
  /** Which foreign records each log source means, in the order of the files. */
  readonly records: RecordMapping[] = []

  add(source: LogSource, routes: readonly LogSourceRoute[]): void {
    this.#routes.set(keyOf(source), routes)
  }

  /** Undefined where nothing delivers this source. */
  routes(source: LogSource): readonly LogSourceRoute[] | undefined {
    return this.#routes.get(keyOf(source))
  }

  /** A known log source that is near to an unknown one. */
  suggest(source: LogSource): string | undefined {
    return didYouMean(keyOf(source), this.#routes.keys())
  }
}

/** Whether a log source is of our own: a rule for it is about our Events and nothing else. */
export function isOwnSource({ product }: LogSource): boolean {
  return product === 'vedette'
}

function keyOf({ product = '', category = '', service = '' }: LogSource): string {
  return [
    product && `product: ${product}`,
    category && `category: ${category}`,
    service && `service: ${service}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
    .toLowerCase()
}

/** Reads every mapping of a folder. A faulty one becomes problems and the others count. */
export async function loadLogSources(
  folder: string,
): Promise<{ logSources: LogSources; problems: readonly RuleProblem[] }> {
  const logSources = new LogSources()
  const problems: RuleProblem[] = []
  const names = (await readdir(folder)).filter(isMappingFile).sort()
  for (const name of names) {
    const file = join(folder, name)
    const parsed = parseRuleFile(file, await readFile(file, 'utf8'))
    problems.push(...parsed.problems)
    for (const document of parsed.documents) problems.push(...addMapping(document, logSources))
  }
  return { logSources, problems }
}

/** Whether a file of the folder of mappings is one. */
export function isMappingFile(name: string): boolean {
  return name.endsWith('.yml')
}

/**
 * Adds what a document says, and gives what is wrong with it.
 *
 * @param isChecked whether the same document was added before without a fault
 */
export function addMapping(
  document: RuleDocument,
  logSources: LogSources,
  isChecked = false,
): readonly RuleProblem[] {
  const parsed = isChecked
    ? { success: true as const, data: document.data as z.output<typeof mappingSchema> }
    : mappingSchema.safeParse(document.data)
  if (!parsed.success) return document.problemsOf(parsed.error, [])
  const problems: RuleProblem[] = []
  for (const [sourceIndex, { logsource, events, records }] of parsed.data.sources.entries()) {
    for (const [index, { from = { product: logsource.product }, where, fields = {} }] of (
      records ?? []
    ).entries()) {
      const path = ['sources', sourceIndex, 'records', index, 'where']
      const reader = { document, parameters: {}, problems, used: new Set<string>() }
      const condition = where && parseSelection(reader, path, where)
      logSources.records.push({
        source: logsource,
        from,
        where: condition && bind(condition, ({ name }) => keyField(name)),
        fields: new Map(Object.entries(fields)),
      })
    }
    const routes = events?.map(({ kind, where, fields = {}, pairs }, eventIndex): LogSourceRoute => {
      const path = ['sources', sourceIndex, 'events', eventIndex]
      const bound = new Map<string, Field>()
      for (const [name, field] of Object.entries(fields)) {
        const target = typeof field === 'string' ? field : field.path
        const shape = shapeAt(kind, target)
        if (!shape) {
          problems.push(
            document.problem([...path, 'fields', name], 'unknown-field', `no ${kind} event has "${target}"`),
          )
        }
        const plain = pathField(target, shape)
        bound.set(name, typeof field === 'string' ? plain : { ...plain, values: field.values })
      }
      const field = (name: string): Field | undefined => {
        if (name === '') return EVERYWHERE
        const named = bound.get(name)
        if (named) return named
        const shape = shapeAt(kind, name)
        if (shape) return pathField(name, shape)
        if (pairs === undefined) return undefined
        return { path: pairs, source: { type: 'pair', key: name, segments: pairs.split('.') }, coarse: false }
      }
      const reader = { document, parameters: {}, problems, used: new Set<string>() }
      const condition = where && parseSelection(reader, [...path, 'where'], where)
      for (const { name, path: at } of condition ? fieldsIn(condition) : []) {
        if (!field(name))
          problems.push(document.problem(at, 'unknown-field', `no ${kind} event has "${name}"`))
      }
      return {
        kind,
        where: condition && bind(condition, ({ name }) => field(name)),
        field,
        names: Object.keys(fields),
      }
    })
    if (routes) logSources.add(logsource, routes)
  }
  return problems
}
