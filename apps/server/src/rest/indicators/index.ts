import { Readable } from 'node:stream'
import { CodedError } from '@vedette/base'
import { indicatorForms, readIndicators, type ReadOutcome } from '@vedette/intel'
import type { IndicatorPlan } from '@vedette/store'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { readInput, sourceName } from '../../graphql/indicator/index.ts'
import { given } from '../../graphql/page.ts'
import { type Passed, type Route, signedIn } from '../../http/route.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { restRoute, type Told } from '../rest-route.ts'
import {
  addSchema,
  changeSchema,
  exportQuery,
  importedSchema,
  importSchema,
  indicatorPage,
  indicatorNumber,
  indicatorSchema,
  listQuery,
  told,
} from './forms.ts'

const BODY_LIMIT = 128 * 2 ** 20
/** An import of a million takes a minute or two; nothing is sent meanwhile. */
const WITHIN_MS = 900_000
const byId = z.object({ id: indicatorNumber })

const list = restRoute({
  method: 'GET',
  url: '/api/ioc',
  id: 'listIndicators',
  tag: 'ioc',
  summary: 'Indicators of compromise, newest first.',
  query: listQuery,
  answer: indicatorPage,
  async handle(passed) {
    const { limit, cursor, ...filter } = passed.query
    const before = cursor === undefined ? undefined : placeOf(cursor, z.tuple([z.int().min(1)]))[0]
    const found = await own(passed).indicators.list(given({ ...filter, before }), { limit })
    const last = found.at(-1)
    return {
      indicators: found.map(told),
      next_cursor: last && found.length === limit ? cursorOf([last.number]) : null,
    }
  },
})

const show = restRoute({
  method: 'GET',
  url: '/api/ioc/:id',
  id: 'getIndicator',
  tag: 'ioc',
  summary: 'One indicator.',
  params: byId,
  answer: indicatorSchema,
  async handle(passed) {
    const found = await own(passed).indicators.get(passed.params.id)
    if (!found) throw none()
    return told(found)
  },
})

const add = restRoute({
  method: 'POST',
  url: '/api/ioc',
  id: 'addIndicators',
  tag: 'ioc',
  summary: 'Adds indicators; they are in force when this answers.',
  description: 'At most 1,000 at once; files go to `/api/ioc/import`.',
  bodyLimit: 4 * 2 ** 20,
  body: addSchema,
  answer: changeSchema,
  async handle(passed) {
    const { services, body } = passed
    const viewer = signedIn(passed)
    const source = sourceName(body.source)
    const facts = body.indicators.map((one) => readInput(one, services.clock.now()))
    const detail = { source, count: facts.length, values: facts.slice(0, 10).map(({ value }) => value) }
    const act = { actor: viewer.name, action: 'indicators.add', target: source, detail }
    const change = await services.audited.act(act, () =>
      services.indicators.put(viewer.tenant, source, facts, 'add'),
    )
    const { added, changed, unchanged, removed } = change
    return { added, changed, unchanged, removed }
  },
})

const remove = restRoute({
  method: 'DELETE',
  url: '/api/ioc/:id',
  id: 'removeIndicator',
  tag: 'ioc',
  summary: 'Takes an indicator away; it matches no more when this answers.',
  params: byId,
  answer: indicatorSchema,
  async handle(passed) {
    const { services, params } = passed
    const viewer = signedIn(passed)
    const found = await own(passed).indicators.get(params.id)
    if (!found) throw none()
    const detail = { ids: [params.id], value: found.value }
    const act = { actor: viewer.name, action: 'indicators.remove', target: `indicator ${params.id}`, detail }
    await services.audited.act(act, () => services.indicators.remove(viewer.tenant, [params.id]))
    return told(found)
  },
})

const importFile = restRoute({
  method: 'POST',
  url: '/api/ioc/import',
  id: 'importIndicators',
  tag: 'ioc',
  summary: 'Imports a file of indicators; with `dry_run` only tells what would be, in the same form.',
  bodyLimit: BODY_LIMIT,
  body: importSchema,
  answer: importedSchema,
  async handle(passed) {
    const { request, services, body } = passed
    const viewer = signedIn(passed)
    const { content, format, mode, dry_run: dryRun, defaults, leave_out_suspects: leaveOutSuspects } = body
    const source = sourceName(body.source)
    request.raw.socket.setTimeout(WITHIN_MS)
    const outcome = await readIndicators(content, {
      format,
      defaults,
      now: services.clock.now(),
      leaveOutSuspects,
    }).catch((error: unknown) => {
      if (error instanceof CodedError) throw new PublicError('bad-input', error.message, { cause: error })
      throw error
    })
    const { indicators } = outcome
    const own = services.state.of(viewer.tenant)
    if (dryRun) return imported(outcome, await own.indicators.plan(source, indicators, mode), source, true)
    const detail = { source, mode, format: outcome.format, count: indicators.length }
    const act = { actor: viewer.name, action: 'indicators.import', target: source, detail }
    const change = await services.audited.act(act, () =>
      services.indicators.put(viewer.tenant, source, indicators, mode),
    )
    return imported(outcome, change, source, false)
  },
})

function imported(
  outcome: ReadOutcome,
  plan: IndicatorPlan,
  source: string,
  dryRun: boolean,
): Told<z.output<typeof importedSchema>> {
  const { format, unit, read, indicators } = outcome
  return {
    dry_run: dryRun,
    source,
    format,
    unit,
    read,
    valid: indicators.length,
    added: plan.added,
    changed: plan.changed,
    unchanged: plan.unchanged,
    removed: plan.removed,
    malformed_count: outcome.malformedCount,
    malformed: outcome.malformed,
    duplicate_count: outcome.duplicateCount,
    duplicates: outcome.duplicates,
    suspect_count: outcome.suspectCount,
    suspects: outcome.suspects,
    examples: plan.examples,
  }
}

const exportFile = restRoute({
  method: 'GET',
  url: '/api/ioc/export',
  id: 'exportIndicators',
  tag: 'ioc',
  summary: 'All indicators, or those of a source, as a file.',
  query: exportQuery,
  media: ['application/json', 'application/stix+json;version=2.1', 'text/csv', 'text/plain'],
  answer: z.string(),
  async handle(passed) {
    const { request, reply, services, query } = passed
    const viewer = signedIn(passed)
    const { format, source } = query
    const form = indicatorForms.find(({ name }) => name === format)
    if (!form) {
      throw new PublicError(
        'bad-input',
        `format: expected one of ${indicatorForms.map(({ name }) => name).join(', ')}`,
      )
    }
    await services.audited.record({
      actor: viewer.name,
      action: 'indicators.export',
      target: source ?? 'every source',
      outcome: 'done',
      detail: { format },
    })
    const all = services.state.of(viewer.tenant).indicators.each(source === undefined ? {} : { source })
    request.raw.socket.setTimeout(WITHIN_MS)
    return reply
      .header('content-type', form.mediaType)
      .header(
        'content-disposition',
        `attachment; filename="indicators.${format === 'txt' || format === 'csv' ? format : 'json'}"`,
      )
      .header('cache-control', 'no-store')
      .send(Readable.from(form.write(all, services.clock.now())))
  },
})

/** Indicators of the viewer's tenant. */
export const indicatorRoutes: readonly Route[] = [list, add, importFile, exportFile, show, remove]

function own(passed: Passed) {
  return passed.services.state.of(signedIn(passed).tenant)
}

function none(): PublicError {
  return new PublicError('not-found', 'There is no such indicator')
}
