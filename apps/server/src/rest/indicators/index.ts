import { Readable } from 'node:stream'
import { CodedError } from '@vedette/base'
import { indicatorForms, readIndicators, type ReadOutcome } from '@vedette/intel'
import { indicatorDefaultsSchema } from '@vedette/model'
import type { IndicatorPlan } from '@vedette/store'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { sourceName } from '../../graphql/indicator/index.ts'
import { type Route, signedIn } from '../../http/route.ts'

const BODY_LIMIT = 128 * 2 ** 20
/** An import of a million takes a minute or two; nothing is sent meanwhile. */
const WITHIN_MS = 900_000

const importSchema = z.strictObject({
  content: z.string(),
  format: z.enum(['json', 'txt', 'csv', 'stix', 'misp']).optional(),
  source: z.string().max(400).default('import'),
  /** `replace`: what the source said before and this file does not say is taken away. */
  mode: z.enum(['add', 'replace']).default('add'),
  dry_run: z.boolean().default(false),
  /** Leave out what names honest things. */
  leave_out_suspects: z.boolean().default(false),
  defaults: indicatorDefaultsSchema.prefault({}),
})

/** Imports a file; with `dry_run` only tells what would be, in the same form. */
const importFile: Route = {
  method: 'POST',
  url: '/indicators/import',
  bodyLimit: BODY_LIMIT,
  async handle(passed) {
    const { request, services } = passed
    const viewer = signedIn(passed)
    const parsed = importSchema.safeParse(request.body)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new PublicError('bad-input', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'wrong'}`)
    }
    const { content, format, mode, dry_run: dryRun, defaults } = parsed.data
    const source = sourceName(parsed.data.source)
    request.raw.socket.setTimeout(WITHIN_MS)
    const leaveOutSuspects = parsed.data.leave_out_suspects
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
    if (dryRun) return told(outcome, await own.indicators.plan(source, indicators, mode), source, true)
    const detail = { source, mode, format: outcome.format, count: indicators.length }
    const act = { actor: viewer.name, action: 'indicators.import', target: source, detail }
    const change = await services.audited.act(act, () =>
      services.indicators.put(viewer.tenant, source, indicators, mode),
    )
    return told(outcome, change, source, false)
  },
}

function told(outcome: ReadOutcome, plan: IndicatorPlan, source: string, dryRun: boolean) {
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

const exportFile: Route = {
  method: 'GET',
  url: '/indicators/export',
  async handle(passed) {
    const { request, reply, services } = passed
    const viewer = signedIn(passed)
    const { format = 'json', source } = request.query as Readonly<Record<string, string | undefined>>
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
}

export const indicatorRoutes: readonly Route[] = [importFile, exportFile]
