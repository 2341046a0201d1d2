import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type House, startHouse } from '../house.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vedette-backup-'))
let house: House

beforeAll(async () => {
  house = await startHouse()
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

test('migrate tells where the schema is, rehearses beside a house that works, and does not go down under it', async () => {
  const status = await house.vedette('migrate', '--json')
  expect(status.stderr).toBe('')
  const { migrations } = z
    .object({ migrations: z.array(z.object({ name: z.string(), isApplied: z.boolean() })) })
    .parse(JSON.parse(status.stdout))
  expect(migrations.length).toBeGreaterThan(3)
  expect(migrations.filter(({ isApplied }) => !isApplied)).toEqual([])

  const rehearsed = await house.vedette('migrate', '--rehearse', '--json')
  const told = z
    .object({
      ok: z.boolean(),
      problems: z.array(z.string()),
      steps: z.array(z.object({ name: z.string(), rows: z.record(z.string(), z.number()) })),
    })
    .parse(JSON.parse(rehearsed.stdout))
  expect(told).toMatchObject({ ok: true, problems: [] })
  expect(told.steps[0]?.rows['api_tokens']).toBe(1)

  const down = await house.vedette('migrate', '--to', 'none')
  expect([down.status, down.stderr]).toEqual([4, expect.stringContaining('a server is using it')])
  expect((await house.vedette('migrate')).stdout).not.toContain('waiting')
  expect((await house.vedette('status')).status).toBe(0)
})
