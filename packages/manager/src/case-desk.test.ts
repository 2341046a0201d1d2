import { DEFAULT_TENANT, type Detection } from '@vedette/model'
import { expect, test } from 'vitest'
import { CaseDesk } from './case-desk.ts'

const detection = (id: string) => ({ id }) as unknown as Detection

test('what comes while a group is settled waits and goes in one group after it', async () => {
  const groups: string[][] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const desk = new CaseDesk(async (_, detections) => {
    groups.push(detections.map(({ id }) => id))
    await gates[groups.length - 1]?.promise
  })
  const first = desk.bring(DEFAULT_TENANT, [detection('1')])
  const others = [desk.bring(DEFAULT_TENANT, [detection('2')]), desk.bring(DEFAULT_TENANT, [detection('3')])]
  gates[0]?.resolve()
  await first
  gates[1]?.resolve()
  await Promise.all(others)
  expect(groups).toEqual([['1'], ['2', '3']])
})

test('a group that fails is told so, and the next one goes on', async () => {
  let fail = true
  const desk = new CaseDesk(async () => {
    if (fail) throw new Error('store is away')
  })
  await expect(desk.bring(DEFAULT_TENANT, [detection('1')])).rejects.toThrow('store is away')
  fail = false
  await desk.bring(DEFAULT_TENANT, [detection('1')])
})

test('no detections are no work', async () => {
  const desk = new CaseDesk(() => Promise.reject(new Error('called')))
  await desk.bring(DEFAULT_TENANT, [])
})

test('what waits behind a group that failed fails with it, so that it is not settled before it', async () => {
  const gate = Promise.withResolvers<void>()
  const groups: string[][] = []
  const desk = new CaseDesk(async (_tenant, detections) => {
    groups.push(detections.map(({ id }) => id))
    await gate.promise
  })
  const first = desk.bring(DEFAULT_TENANT, [detection('1')])
  const behind = desk.bring(DEFAULT_TENANT, [detection('2')])
  gate.reject(new Error('the store is away'))
  await expect(first).rejects.toThrow('store is away')
  await expect(behind).rejects.toThrow('store is away')
  expect(groups).toEqual([['1']])
})
