import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { type AgentId, DEFAULT_TENANT } from '@vedette/model'
import { KeptFile } from '@vedette/store'
import { expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/test-server.ts'
import { AuditWatch } from './audit-watch.ts'

const rules = ['defense-evasion/audit-log-altered']

const titles = async ({ running }: TestServer) =>
  (await running.services.state.of(DEFAULT_TENANT).alerts.list({})).map(({ title }) => title)

test('an audit log that was altered is one alert, at the start and later, and so is told when it verifies again', async () => {
  await using server = await openTestServer({ rules })
  const { auditLog, auditWatch, intake, events } = server.running.services
  for (const target of ['web-1', 'web-2', 'web-3']) {
    await auditLog.append({ actor: 'ann', action: 'respond.freeze', target, outcome: 'intended', detail: {} })
  }
  await auditWatch.look()
  expect(await titles(server)).toEqual([])

  const file = join(server.home, 'audit', '000000000000.jsonl')
  const whole = readFileSync(file, 'utf8')
  writeFileSync(file, whole.replace('web-2', 'web-9'))
  await auditWatch.look()
  await auditWatch.look()
  const title = `${hostname()}: audit log was altered: Record 1 was changed: its hash is not that of its contents`
  expect(await titles(server)).toEqual([title])
  expect(auditWatch.verdict).toMatchObject({ ok: false, fault: { sequence: 1, code: 'hash-wrong' } })

  // As a server that starts on it does, which has told of nothing yet.
  await using next = await AuditWatch.open({
    folder: join(server.home, 'audit'),
    tenant: DEFAULT_TENANT,
    device: { uid: 'another' as AgentId, hostname: 'web-7' },
    intake,
    file: new KeptFile(join(server.home, 'another.json')),
    clock: systemClock,
    log: silentLogger,
  })
  await expect.poll(() => titles(server)).toHaveLength(2)
  expect(next.verdict).toMatchObject({ ok: false })

  writeFileSync(file, whole)
  await auditWatch.look()
  const messages = await events.of(DEFAULT_TENANT).list({}, { limit: 1, offset: 0 })
  expect(messages.map(({ message }) => message)).toEqual(['audit log verifies again'])
})
