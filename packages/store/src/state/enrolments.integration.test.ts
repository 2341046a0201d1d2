import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { AgentId } from '@vedette/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tenantA, tenantB } from '../testing/sample-events.ts'
import { newHome, unprivileged } from '../testing/unprivileged.ts'
import type { NewAgent } from './enrolment.ts'
import { openStateStore } from './open-state-store.ts'
import type { StateStore } from './state-store.ts'

const home = newHome('vedette-enrolments-')
const NOW = Date.UTC(2026, 10, 20)
const DAY_MS = 86_400_000
let store: StateStore

beforeAll(async () => {
  store = await openStateStore({ folder: join(home, 'pg'), log: silentLogger, ...unprivileged() })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})

let made = 0
const agent = (id: string): NewAgent => ({
  id: id as AgentId,
  hostname: `host-of-${id}`,
  machineId: '',
  keyHash: String((made += 1)).padStart(64, '0'),
})
const hash = (digit: string) => digit.repeat(64)

test('a secret lets in as many as it says, until it expires, also when all come at once', async () => {
  const { enrolments } = store.of(tenantA)
  const secret = { id: 's1', createdBy: 'anna', expiresAt: NOW + 1000, uses: 3 }
  await enrolments.addSecret(hash('a'), secret, NOW)
  expect(await store.credentials.enrolmentSecret(hash('a'))).toMatchObject({ tenant: tenantA, usesLeft: 3 })
  expect(await store.credentials.enrolmentSecret(hash('b'))).toBeUndefined()
  expect(await enrolments.redeem(hash('a'), agent('late'), NOW + 1000)).toBeUndefined()
  expect(await store.of(tenantB).enrolments.redeem(hash('a'), agent('foreign'), NOW)).toBeUndefined()
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, index) => enrolments.redeem(hash('a'), agent(`crowd-${index}`), NOW)),
  )
  expect(all.filter((found) => found?.enrolledBy === 'secret s1')).toHaveLength(3)
  expect(await enrolments.list()).toHaveLength(3)
  expect(await store.of(tenantB).enrolments.list()).toEqual([])
  expect(await store.of(tenantB).enrolments.revokeSecret('s1')).toBe(false)
  expect(await enrolments.revokeSecret('s1')).toBe(true)
})

test('a removed agent gets no certificate any more, and those that it has are told to everybody', async () => {
  const { enrolments } = store.of(tenantA)
  await enrolments.addSecret(hash('c'), { id: 's2', createdBy: 'anna', expiresAt: NOW + 1000, uses: 1 }, NOW)
  const { id } = (await enrolments.redeem(hash('c'), agent('gone'), NOW))!
  const certificate = (serial: string, issuedAt: number) => ({ serial, issuedAt, expiresAt: NOW + DAY_MS })
  expect(await enrolments.certify(id, hash('1'), certificate('01', NOW))).toBe(true)
  expect(await enrolments.certify(id, hash('2'), certificate('02', NOW + 1))).toBe(true)
  expect(await enrolments.get(id)).toMatchObject({ keyHash: hash('2'), certificate: { serial: '02' } })
  expect(await enrolments.settle(id, '02', NOW + 2)).toEqual(['01'])
  expect(await enrolments.settle(id, '01', NOW + 2)).toEqual([])
  expect(await store.of(tenantB).enrolments.remove(id, NOW)).toBeUndefined()
  expect(await enrolments.remove(id, NOW + 5)).toMatchObject({ state: 'removed', removedAt: NOW + 5 })
  expect(await enrolments.remove(id, NOW + 6)).toBeUndefined()
  expect(await enrolments.certify(id, hash('3'), certificate('03', NOW + 9))).toBe(false)
  expect(await enrolments.certificate(id, '02')).toMatchObject({ revokedAt: NOW + 5, reason: 'removed' })
  expect(await store.of(tenantB).enrolments.certificate(id, '02')).toBeUndefined()
  const serials = async (since: number, now: number) =>
    (await store.credentials.revocations(since, now)).map(({ serial }) => serial).sort()
  expect(await serials(0, NOW)).toEqual(['01', '02'])
  expect(await serials(NOW + 5, NOW)).toEqual(['02'])
  expect(await serials(0, NOW + DAY_MS)).toEqual([])
})

test('who waits is approved once, in its own tenant', async () => {
  const { enrolments } = store.of(tenantA)
  const waiting = { ...agent('waiting'), address: '192.0.2.1', askedAt: NOW }
  expect(await enrolments.ask(waiting)).toEqual(waiting)
  expect(await enrolments.ask({ ...waiting, id: 'again' as AgentId })).toEqual(waiting)
  expect(await store.of(tenantB).enrolments.pending()).toEqual([])
  expect(await store.of(tenantB).enrolments.approve(waiting.id, 'eve', NOW)).toBeUndefined()
  expect(await enrolments.approve(waiting.id, 'anna', NOW)).toMatchObject({
    state: 'active',
    enrolledBy: 'anna',
  })
  expect(await enrolments.approve(waiting.id, 'anna', NOW)).toBeUndefined()
  expect(await enrolments.byKey(waiting.keyHash)).toMatchObject({ id: 'waiting' })
  await enrolments.ask({ ...agent('old'), address: '', askedAt: NOW - DAY_MS })
  await enrolments.sweep(NOW - 1)
  expect(await enrolments.pending()).toEqual([])
})
