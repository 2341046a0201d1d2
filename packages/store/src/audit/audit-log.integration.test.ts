import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { expect, test } from 'vitest'
import { openAudit } from './open-audit.ts'
import { verifyAudit } from './verify-audit.ts'

/** How often the writer is killed; 100 in the long form. */
const KILLS = Number(process.env['VEDETTE_AUDIT_KILLS'] ?? 12)

test('kill -9 in the middle: the chain verifies, and no record that was acknowledged is missing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'vedette-audit-'))
  const [folder, checkpoint] = [join(home, 'audit'), join(home, 'checkpoint')]
  const child = fileURLToPath(new URL('../testing/audit-log-child.ts', import.meta.url))
  let acknowledged = -1
  for (let kill = 0; kill < KILLS; kill += 1) {
    const writing = spawn(process.execPath, [child, folder, checkpoint], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const goal = acknowledged + 1 + ((kill * 5) % 13)
    for await (const line of createInterface({ input: writing.stdout })) {
      acknowledged = Math.max(acknowledged, Number(line))
      if (acknowledged >= goal) writing.kill('SIGKILL')
    }
  }
  const log = await openAudit(folder, { clock: systemClock, log: silentLogger, checkpoint })
  expect(log.length).toBeGreaterThan(acknowledged)
  const verdict = await verifyAudit(folder, { checkpoint })
  expect(verdict).toMatchObject({ ok: true, records: log.length })
  await log[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})
