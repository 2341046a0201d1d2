import { guessIndicator, normaliseIndicator } from '@vedette/formats'
import {
  indicatorBounds,
  indicatorDefaultsSchema,
  type IndicatorFacts,
  type IndicatorType,
  indicatorTypes,
  type Severity,
  type Tlp,
  tlps,
} from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import { boundedText, costOfPage, given, pageOf } from '../page.ts'

const MOST_ADDED = 1000

/** Indicators: what is known to belong to attackers; and what is allowed whatever they say. */
export const indicators: Resource = (builder) => {
  builder.objectType('Indicator', {
    fields: (t) => ({
      id: t.id({ resolve: ({ number }) => String(number) }),
      type: t.exposeString('type', {
        description: `${indicatorTypes.join(', ')}.`,
      }),
      value: t.exposeString('value'),
      source: t.exposeString('source'),
      confidence: t.exposeInt('confidence', { description: '0 to 100.' }),
      severity: t.expose('severity', { type: 'Severity' }),
      tlp: t.exposeString('tlp', { description: `${tlps.join(', ')}.` }),
      valid_from: t.expose('validFrom', { type: 'DateTime' }),
      valid_until: t.expose('validUntil', { type: 'DateTime', nullable: true }),
      description: t.exposeString('description', { nullable: true }),
      tags: t.stringList({ resolve: ({ tags }) => [...tags] }),
      techniques: t.stringList({ resolve: ({ techniques }) => [...techniques] }),
      added_at: t.expose('addedAt', { type: 'DateTime' }),
      sightings: t.int({ resolve: ({ sightings }) => sightings.count }),
      first_sighted: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ sightings }) => sightings.first,
      }),
      last_sighted: t.field({ type: 'DateTime', nullable: true, resolve: ({ sightings }) => sightings.last }),
    }),
  })
  builder.objectType('IndicatorSource', {
    fields: (t) => ({
      source: t.exposeString('source'),
      indicators: t.exposeInt('indicators'),
      sighted: t.exposeInt('sighted', { description: 'How many of them were seen here.' }),
      newest: t.expose('newest', { type: 'DateTime' }),
    }),
  })
  builder.objectType('IndicatorStatus', {
    fields: (t) => ({
      loaded: t.exposeBoolean('loaded', { description: 'Read from the store and in force.' }),
      indicators: t.exposeInt('indicators'),
      memory_bytes: t.exposeFloat('memoryBytes'),
      events: t.exposeFloat('events'),
      detections: t.exposeFloat('detections'),
      allowed: t.exposeFloat('allowed', { description: 'Matches that an allow entry kept silent.' }),
      refused: t.exposeInt('refused', { description: 'Not matched: there are too many patterns.' }),
    }),
  })
  builder.objectType('IndicatorChange', {
    fields: (t) => ({
      added: t.exposeInt('added'),
      changed: t.exposeInt('changed'),
      unchanged: t.exposeInt('unchanged'),
      removed: t.exposeInt('removed'),
    }),
  })
  builder.objectType('AllowEntry', {
    fields: (t) => ({
      id: t.id({ resolve: ({ number }) => String(number) }),
      type: t.exposeString('type'),
      value: t.exposeString('value'),
      owner: t.exposeString('owner'),
      reason: t.exposeString('reason'),
      added_at: t.expose('addedAt', { type: 'DateTime' }),
      expires_at: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
      hits: t.int({ resolve: ({ hits }) => hits.count }),
      last_hit: t.field({ type: 'DateTime', nullable: true, resolve: ({ hits }) => hits.last }),
    }),
  })
  const input = builder.inputType('IndicatorInput', {
    fields: (t) => ({
      type: t.string({ description: 'Left out: what the value most likely is.' }),
      value: t.string({ required: true }),
      confidence: t.int({ description: '0 to 100; 50 by default.' }),
      severity: t.field({ type: 'Severity', description: 'medium by default.' }),
      tlp: t.string({ description: 'amber by default.' }),
      valid_until: t.field({ type: 'DateTime' }),
      description: t.string(),
      tags: t.stringList(),
      techniques: t.stringList(),
    }),
  })

  builder.queryFields((t) => ({
    indicators: t.field({
      type: ['Indicator'],
      description: 'Newest first.',
      args: {
        type: t.arg.string(),
        source: t.arg.string(),
        severity: t.arg({ type: 'Severity' }),
        tlp: t.arg.string(),
        search: t.arg.string({ description: 'Text in value, description or tags.' }),
        sighted: t.arg.boolean({ description: 'Only those that were seen here, or those that were not.' }),
        limit: t.arg.int({ defaultValue: 50 }),
        offset: t.arg.int({ defaultValue: 0 }),
      },
      complexity: costOfPage,
      resolve: (_root, args, { state }) =>
        state.indicators.list(
          given({
            type: args.type === null || args.type === undefined ? undefined : typeOf(args.type),
            source: args.source,
            severity: args.severity,
            tlp: args.tlp === null || args.tlp === undefined ? undefined : tlpOf(args.tlp),
            search: args.search?.slice(0, 1000),
            sighted: args.sighted,
          }),
          pageOf(args),
        ),
    }),
    indicator: t.field({
      type: 'Indicator',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, { state }) => (await state.indicators.get(numberOf(id))) ?? null,
    }),
    indicator_sources: t.field({
      type: ['IndicatorSource'],
      complexity: { field: 50, multiplier: 20 },
      resolve: (_root, _args, { state }) => state.indicators.sources(),
    }),
    indicator_status: t.field({
      type: 'IndicatorStatus',
      resolve: (_root, _args, { services, tenant }) => services.indicators.status(tenant),
    }),
    allow_entries: t.field({
      type: ['AllowEntry'],
      description: 'What raises no alert, whatever an indicator says. Newest first.',
      complexity: { field: 1, multiplier: 50 },
      resolve: (_root, _args, { state }) => state.allowList.list(),
    }),
  }))

  builder.mutationFields((t) => ({
    addIndicators: t.field({
      type: 'IndicatorChange',
      description:
        'Adds at most 1,000; they are in force when this answers. Files go to POST /api/ioc/import.',
      args: {
        indicators: t.arg({ type: [input], required: true }),
        source: t.arg.string({ defaultValue: 'manual' }),
      },
      async resolve(_root, args, { services, tenant, viewer }) {
        const { indicators: desk, audited, clock } = services
        const source = sourceName(args.source ?? 'manual')
        if (args.indicators.length > MOST_ADDED) {
          throw new PublicError('bad-input', `indicators: more than ${MOST_ADDED}`)
        }
        const facts = args.indicators.map((one) => readInput(one, clock.now()))
        const detail = { source, count: facts.length, values: facts.slice(0, 10).map(({ value }) => value) }
        const act = { actor: viewer.name, action: 'indicators.add', target: source, detail }
        return audited.act(act, () => desk.put(tenant, source, facts, 'add'))
      },
    }),
    removeIndicators: t.int({
      description: 'Takes away at most 1,000, and answers how many there were.',
      args: { ids: t.arg.idList({ required: true }) },
      resolve(_root, { ids }, { services, tenant, viewer }) {
        if (ids.length > MOST_ADDED) throw new PublicError('bad-input', `ids: more than ${MOST_ADDED}`)
        const numbers = ids.map(numberOf)
        const detail = { ids: ids.slice(0, 100) }
        const act = {
          actor: viewer.name,
          action: 'indicators.remove',
          target: `${ids.length} indicators`,
          detail,
        }
        return services.audited.act(act, () => services.indicators.remove(tenant, numbers))
      },
    }),
    addAllowEntry: t.field({
      type: 'AllowEntry',
      description: 'In force when this answers. One with the same value is replaced.',
      args: {
        type: t.arg.string({ description: 'Left out: what the value most likely is.' }),
        value: t.arg.string({ required: true }),
        reason: t.arg.string({ required: true }),
        owner: t.arg.string({ description: 'Who answers for it; by default who asks.' }),
        expires_at: t.arg({ type: 'DateTime' }),
      },
      resolve(_root, args, { services, tenant, viewer }) {
        const { type, value } = readValue(args.type, args.value)
        const expiresAt = args.expires_at ?? undefined
        if (expiresAt !== undefined && expiresAt <= services.clock.now()) {
          throw new PublicError('bad-input', 'expires_at: expected a time to come')
        }
        const entry = {
          type,
          value,
          owner: args.owner ? boundedText('owner', args.owner, 200) : viewer.name,
          reason: boundedText('reason', args.reason, 2000),
          ...(expiresAt !== undefined && { expiresAt }),
        }
        const act = { actor: viewer.name, action: 'allow.add', target: value, detail: { ...entry } }
        return services.audited.act(act, () => services.indicators.allow(tenant, entry))
      },
    }),
    removeAllowEntry: t.field({
      type: 'AllowEntry',
      args: { id: t.arg.id({ required: true }) },
      resolve(_root, { id }, { services, tenant, viewer }) {
        const act = { actor: viewer.name, action: 'allow.remove', target: `allow entry ${id}`, detail: {} }
        return services.audited.act(act, async () => {
          const gone = await services.indicators.disallow(tenant, numberOf(id))
          if (!gone) throw new PublicError('not-found', 'There is no such allow entry')
          return gone
        })
      },
    }),
  }))
}

/** A source that people name; those of feeds are the feeds' own. */
export function sourceName(text: string): string {
  const source = boundedText('source', text, indicatorBounds.source)
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(source))
    throw new PublicError('bad-input', 'source: has control characters in it')
  if (source.startsWith('feed:'))
    throw new PublicError('bad-input', 'source: those of feeds are changed by the feeds alone')
  return source
}

interface IndicatorInput {
  readonly type?: string | null | undefined
  readonly value: string
  readonly confidence?: number | null | undefined
  readonly severity?: Severity | null | undefined
  readonly tlp?: string | null | undefined
  readonly valid_until?: number | null | undefined
  readonly description?: string | null | undefined
  readonly tags?: readonly string[] | null | undefined
  readonly techniques?: readonly string[] | null | undefined
}

/** What a caller says of one indicator, checked and with its defaults. */
export function readInput(one: IndicatorInput, now: number): IndicatorFacts {
  const defaults = indicatorDefaultsSchema.parse({})
  const confidence = one.confidence ?? defaults.confidence
  if (confidence < 0 || confidence > 100) throw new PublicError('bad-input', 'confidence: expected 0 to 100')
  const validUntil = one.valid_until ?? undefined
  if (validUntil !== undefined && validUntil <= now) {
    throw new PublicError('bad-input', 'valid_until: expected a time to come')
  }
  const techniques = (one.techniques ?? []).map((id) => id.toUpperCase())
  if (
    techniques.some((id) => !/^T\d{4}(?:\.\d{3})?$/.test(id)) ||
    techniques.length > indicatorBounds.techniques
  ) {
    throw new PublicError('bad-input', 'techniques: expected ids such as T1071.001')
  }
  const tags = (one.tags ?? []).map((tag) => boundedText('tags', tag, indicatorBounds.tag))
  if (tags.length > indicatorBounds.tags)
    throw new PublicError('bad-input', `tags: more than ${indicatorBounds.tags}`)
  return {
    ...readValue(one.type, one.value),
    confidence,
    severity: one.severity ?? defaults.severity,
    tlp: one.tlp ? tlpOf(one.tlp) : defaults.tlp,
    validFrom: now,
    ...(validUntil !== undefined && { validUntil }),
    ...(one.description && {
      description: boundedText('description', one.description, indicatorBounds.description),
    }),
    tags,
    techniques,
  }
}

function readValue(type: string | null | undefined, text: string): { type: IndicatorType; value: string } {
  const shown = text.slice(0, 100)
  if (type === null || type === undefined) {
    const guessed = guessIndicator(text)
    if (!guessed)
      throw new PublicError('bad-input', `value: "${shown}" is nothing that is known here; name its type`)
    return guessed
  }
  const outcome = normaliseIndicator(typeOf(type), text)
  if (!outcome.ok) throw new PublicError('bad-input', `value: "${shown}" is refused: ${outcome.reason}`)
  return outcome.value
}

function typeOf(text: string): IndicatorType {
  const found = indicatorTypes.find((type) => type === text)
  if (!found) throw new PublicError('bad-input', `type: expected one of ${indicatorTypes.join(', ')}`)
  return found
}

function tlpOf(text: string): Tlp {
  const found = tlps.find((tlp) => tlp === text.toLowerCase())
  if (!found) throw new PublicError('bad-input', `tlp: expected one of ${tlps.join(', ')}`)
  return found
}

function numberOf(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new PublicError('bad-input', 'id: expected a whole number')
  return Number(id)
}
