import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TenantId } from '@vedette/model'
import { checkNames, type PersonNames } from '@vedette/store'
import { type ErasureProof, type Holding, signErasure } from '@vedette/store/erasure-proof'
import { PublicError } from '../access/public-error.ts'
import { serviceKey } from '../access/service-token.ts'
import { type Manager, peopleOf, tenantNamed } from '../people/manager.ts'
import { unlessRefused } from '../people/refusals.ts'
import { finderOf, keptElsewhere, rowHoldings } from './holdings.ts'

/** What arrived while a tenant was erased is erased as well, so often at most. */
const PASSES = 5
const BETWEEN_PASSES_MS = 200

/** What is stored about a person, and what would become of it. Changes nothing. */
export async function planPerson(manager: Manager, names: PersonNames): Promise<Holding[]> {
  known(names)
  const { services } = manager
  const tenants = await tenantsOf(manager)
  const lower = names.map((name) => name.toLowerCase())
  const accounts = (await peopleOf(manager).accounts.list()).filter(({ name }) =>
    lower.includes(name.toLowerCase()),
  )
  const holdings: Holding[] = accounts.map(({ name }) => ({
    store: 'state',
    what: `account ${name}, with its sessions, keys and second factors`,
    count: 1,
    fate: 'delete',
    why: '',
  }))
  for (const tenant of tenants) {
    holdings.push(...rowHoldings(await services.state.of(tenant).personal.naming(names), 'replace'))
    const events = await services.events.personal(tenant).naming(names)
    if (events > 0) holdings.push({ store: 'events', what: 'events', count: events, fate: 'delete', why: '' })
  }
  return [...holdings, ...(await keptElsewhere(services, finderOf(names), tenants))]
}

/**
 * Deletes the person's account and every event that names them, in all tenants of the organisation, and puts a pseudonym in
 * place of the name wherever else the state has it.
 */
export async function erasePerson(manager: Manager, names: PersonNames): Promise<ErasureProof> {
  known(names)
  const { services } = manager
  const tenants = await tenantsOf(manager)
  const pseudonym = `erased-${randomBytes(6).toString('hex')}`
  const people = peopleOf(manager)
  return proven(
    manager,
    { kind: 'person', words: names, pseudonym, target: `person ${pseudonym}` },
    async () => {
      const done: Holding[] = []
      const lower = new Set(names.map((name) => name.toLowerCase()))
      const accounts = (await people.accounts.list()).filter(({ name }) => lower.has(name.toLowerCase()))
      const sessions = await Promise.all(
        accounts.map(({ id }) => people.sessions.list(id, services.clock.now())),
      )
      for (const tenant of tenants) {
        const { personal } = services.state.of(tenant)
        const { deleted, replaced } = await unlessRefused(() => personal.erasePerson(names, pseudonym))
        done.push(...rowHoldings(deleted, 'delete'), ...rowHoldings(replaced, 'replace'))
        const events = await services.events.personal(tenant).erase(names)
        if (events > 0) done.push({ store: 'events', what: 'events', count: events, fate: 'delete', why: '' })
      }
      for (const { tokenHash } of sessions.flat()) services.openSockets.closeOf(tokenHash)
      const kept: Holding[] = []
      for (const tenant of tenants) {
        kept.push(...rowHoldings(await services.state.of(tenant).personal.naming(names), 'keep'))
        const events = await services.events.personal(tenant).naming(names)
        if (events > 0) kept.push({ store: 'events', what: 'events', count: events, fate: 'keep', why: LATE })
      }
      return { done, kept: [...kept, ...(await keptElsewhere(services, finderOf(names), tenants))] }
    },
  )
}

const LATE = 'it arrived while the rest was erased; erase again'

/** What a tenant has. Changes nothing. */
export async function planTenant(manager: Manager, nameOrId: string): Promise<Holding[]> {
  const { services } = manager
  const tenant = await otherTenant(manager, nameOrId)
  const events = await services.events.of(tenant).count({})
  return [
    ...rowHoldings(await services.state.of(tenant).personal.rows(), 'delete'),
    ...(events > 0
      ? [{ store: 'events', what: 'events', count: events, fate: 'delete' as const, why: '' }]
      : []),
    ...(await keptElsewhere(services, finderOf([tenant]), [tenant])),
  ]
}

/** Deletes all that a tenant has: its agents are cut off first. The organisation's first tenant cannot be erased. */
export async function eraseTenant(manager: Manager, nameOrId: string): Promise<ErasureProof> {
  const { services, viewer } = manager
  const tenant = await otherTenant(manager, nameOrId)
  const words = [tenant]
  return proven(manager, { kind: 'tenant', words, target: `tenant ${tenant}` }, async () => {
    const state = services.state.of(tenant)
    const agents = (await state.enrolments.list()).filter(({ state: is }) => is === 'active')
    for (const { id } of agents) {
      await state.enrolments.remove(id, services.clock.now())
      services.fleet.end(tenant, id)
    }
    await services.revocations?.look()
    const organisation = services.state.of(viewer.organisation)
    const sessions = await organisation.sessions.list(undefined, services.clock.now())
    const elsewhere = await keptElsewhere(services, finderOf(words), [tenant])
    const rows = new Map<string, number>()
    let events = 0
    for (let pass = 0; pass < PASSES; pass += 1) {
      events += await services.events.personal(tenant).eraseAll()
      for (const [table, count] of await state.personal.eraseAll()) {
        rows.set(table, (rows.get(table) ?? 0) + count)
      }
      const left = (await state.personal.rows()).size + (await services.events.of(tenant).count({}))
      if (left === 0 && pass > 0) break
      await delay(BETWEEN_PASSES_MS)
    }
    for (const [table, count] of await organisation.personal.eraseTenantName(tenant)) {
      rows.set(table, (rows.get(table) ?? 0) + count)
    }
    for (const { inTenant, tokenHash } of sessions) {
      if (inTenant === tenant) services.openSockets.closeOf(tokenHash)
    }
    const late = await services.events.of(tenant).count({})
    return {
      done: [
        ...rowHoldings(rows, 'delete'),
        ...(events > 0
          ? [{ store: 'events', what: 'events', count: events, fate: 'delete' as const, why: '' }]
          : []),
      ],
      kept: [
        ...rowHoldings(await state.personal.rows(), 'keep'),
        ...(late > 0
          ? [{ store: 'events', what: 'events', count: late, fate: 'keep' as const, why: LATE }]
          : []),
        ...elsewhere,
      ],
    }
  })
}

interface Subject {
  readonly kind: 'person' | 'tenant'
  readonly words: readonly string[]
  readonly pseudonym?: string
  readonly target: string
}

/** Records it, does it, and signs what was done. The record names nobody who is to be forgotten. */
async function proven(
  { services, viewer }: Manager,
  { kind, words, pseudonym, target }: Subject,
  work: () => Promise<{ readonly done: readonly Holding[]; readonly kept: readonly Holding[] }>,
): Promise<ErasureProof> {
  const id = randomUUID()
  const salt = randomBytes(16).toString('hex')
  const lines = words.map((word) => word.toLowerCase()).join('\n')
  const sha256 = createHash('sha256').update(`${salt}\n${lines}`).digest('hex')
  const key = serviceKey(join(services.home, 'erasure-key.pem'), services.keys.ring)
  const begun = services.clock.now()
  const act = { actor: viewer.name, action: `privacy.erase-${kind}`, target, detail: { proof: id } }
  const { done, kept } = await services.audited.act(act, work)
  const isOwn = words.some((word) => word.toLowerCase() === viewer.name.toLowerCase())
  const proof = signErasure(
    {
      vedette_erasure: 1,
      id,
      kind,
      subject: { salt, sha256 },
      ...(pseudonym !== undefined && { pseudonym }),
      begun_at: begun,
      ended_at: services.clock.now(),
      by: isOwn && pseudonym !== undefined ? pseudonym : viewer.name,
      done,
      kept,
    },
    key,
  )
  return proof
}

async function tenantsOf(manager: Manager): Promise<TenantId[]> {
  const others = await peopleOf(manager).tenants.list()
  return [manager.viewer.organisation, ...others.map(({ id }) => id)]
}

async function otherTenant(manager: Manager, nameOrId: string): Promise<TenantId> {
  const tenant = await tenantNamed(manager, nameOrId)
  if (tenant !== manager.viewer.organisation) return tenant
  throw new PublicError(
    'bad-input',
    'The first tenant holds the organisation itself, its people and its roles, and cannot be erased; to end it all, ' +
      'stop Vedette and delete its home folder',
  )
}

function known(names: PersonNames): void {
  try {
    checkNames(names)
  } catch (error) {
    throw new PublicError('bad-input', (error as Error).message, { cause: error })
  }
}
