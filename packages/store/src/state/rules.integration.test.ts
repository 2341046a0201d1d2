import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { AlertId, RuleException, RuleId } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tenantA, tenantB } from '../testing/sample-events.ts'
import { newHome, unprivileged } from '../testing/unprivileged.ts'
import { openStateStore } from './open-state-store.ts'
import type { StateStore } from './state-store.ts'

const home = newHome('vedette-rules-')
const NOW = Date.UTC(2026, 10, 20)
let store: StateStore

beforeAll(async () => {
  store = await openStateStore({ folder: join(home, 'pg'), log: silentLogger, ...unprivileged() })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})

const exception = (id: string, rest: Partial<RuleException> = {}): RuleException => ({
  id,
  rules: ['rule-1' as RuleId],
  ruleTitle: 'A rule',
  alert: 'alert-1' as AlertId,
  fields: [{ name: 'Image', value: '/usr/bin/x\u0000*' }],
  filter: 'title: x\n',
  owner: 'anna',
  reason: "it's ours",
  actor: 'ben',
  addedAt: NOW,
  hits: { count: 0 },
  ...rest,
})

describe('exceptions', () => {
  test('are kept as they were made, newest first, and seen by their tenant alone', async () => {
    const { exceptions } = store.of(tenantA)
    const first = exception('one')
    const second = exception('two', { expiresAt: NOW + 1000 })
    await exceptions.add(first)
    await exceptions.add(second)
    expect(await exceptions.list()).toEqual([second, first])
    expect(await store.of(tenantB).exceptions.list()).toEqual([])
    expect(await store.of(tenantB).exceptions.remove('one')).toBeUndefined()
    expect(await exceptions.remove('one')).toEqual(first)
    expect(await exceptions.list()).toEqual([second])
    await expect(exceptions.add(second)).rejects.toMatchObject({ code: 'state-store-failed' })
  })
})

test('what exceptions kept silent is added up, and nothing of one that is gone', async () => {
  const { exceptions } = store.of(tenantA)
  await exceptions.add(exception('counted'))
  await exceptions.hit([
    { id: 'counted', count: 3, first: NOW + 5, last: NOW + 9 },
    { id: 'gone', count: 1, first: NOW, last: NOW },
  ])
  await exceptions.hit([{ id: 'counted', count: 1, first: NOW, last: NOW + 1 }])
  await store.of(tenantB).exceptions.hit([{ id: 'counted', count: 9, first: NOW, last: NOW }])
  expect(await exceptions.get('counted')).toMatchObject({ hits: { count: 4, first: NOW, last: NOW + 9 } })
})

describe('installed rules', () => {
  const files = (...texts: string[]) => texts.map((text, index) => ({ file: `rules/${index}.yml`, text }))
  const pack = (name: string, ...texts: string[]) => ({
    name,
    source: `/from/${name}`,
    rules: texts.length,
    files: files(...texts),
  })

  test('a pack takes the place of the one with its name, and undo brings that back', async () => {
    const { rulePacks } = store.of(tenantA)
    expect(await rulePacks.undo()).toBeUndefined()
    await rulePacks.install(pack('sigma', 'a', 'b', 'a'), 'anna', NOW)
    await rulePacks.install(pack('mine', 'c'), 'anna', NOW + 1)
    const set = await rulePacks.install(pack('sigma', 'a', 'd'), 'ben', NOW + 2)
    expect(set).toMatchObject({ action: 'install sigma', actor: 'ben', time: NOW + 2 })
    const texts = async () =>
      (await rulePacks.active()).map(({ pack: { name }, files: list }) => [
        name,
        ...list.map(({ text }) => text),
      ])
    expect(await texts()).toEqual([
      ['mine', 'c'],
      ['sigma', 'a', 'd'],
    ])
    expect(await rulePacks.undo()).toMatchObject({ action: 'install sigma' })
    expect(await texts()).toEqual([
      ['sigma', 'a', 'b', 'a'],
      ['mine', 'c'],
    ])
    await rulePacks.remove('sigma', 'anna', NOW + 3)
    expect(await texts()).toEqual([['mine', 'c']])
    expect(await rulePacks.remove('sigma', 'anna', NOW + 4)).toBeUndefined()
    await rulePacks.undo()
    expect((await texts()).map(([name]) => name)).toEqual(['sigma', 'mine'])
    expect((await rulePacks.history()).map(({ action }) => action)).toEqual(['install mine', 'install sigma'])
  })

  test('the same content has the same digest, whatever its order', async () => {
    const { rulePacks } = store.of(tenantB)
    const of = async (list: readonly { file: string; text: string }[]) => {
      const set = await rulePacks.install({ ...pack('x'), files: list }, 'anna', NOW)
      return set.packs[0]?.digest
    }
    const list = files('a', 'b')
    const digest = await of(list)
    expect(await of(list.toReversed())).toBe(digest)
    expect(await of(files('a', 'c'))).not.toBe(digest)
  })

  test('twenty steps are kept, and another tenant sees none of them', async () => {
    const { rulePacks } = store.of(tenantA)
    for (let step = 0; step < 25; step += 1)
      await rulePacks.install(pack('mine', `v${step}`), 'anna', NOW + step)
    expect(await rulePacks.history()).toHaveLength(20)
    for (let step = 0; step < 20; step += 1) await rulePacks.undo()
    expect(await rulePacks.active()).toEqual([])
    expect((await store.of(tenantB).rulePacks.active()).map(({ pack: { name } }) => name)).toEqual(['x'])
  })

  test('thousands of files are one statement', async () => {
    const { rulePacks } = store.of(tenantA)
    const many = Array.from({ length: 5000 }, (_, index) => ({
      file: `r/${index}.yml`,
      text: `title: ${index}`,
    }))
    const set = await rulePacks.install({ ...pack('many'), files: many }, 'anna', NOW)
    expect(set.packs).toMatchObject([{ name: 'many', files: 5000 }])
    expect((await rulePacks.active())[0]?.files).toHaveLength(5000)
  })
})
