import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AgentSettingsLine } from './settings.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-agent-'))
})
afterEach(() => rmSync(home, { recursive: true }))

/** Runs the agent until it watches, and stops it. */
async function runOnce(): Promise<void> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'ignore'] })
  const off = { enabled: false }
  const settings: AgentSettingsLine = {
    version: '1',
    id: 'agent-1',
    credential: 'x'.repeat(40),
    home,
    config: {
      collect: { kernel: 'proc-poll', inventory: off, usage: { interval_ms: 100 } },
      yara: off,
      integrity: off,
    },
  }
  child.stdin.write(`${JSON.stringify(settings)}\n`)
  for await (const line of createInterface({ input: child.stdout })) {
    if ((JSON.parse(line) as { type: string }).type === 'watching') child.stdin.end()
  }
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
}

test('what is usual on a host is known after a restart', async () => {
  const file = join(home, 'usage', 'habits.json')
  const usual = { mean: 0.5, variance: 0.01, samples: 500, dayMs: Date.now(), dayMean: 0.5 }
  mkdirSync(join(home, 'usage'), { mode: 0o700 })
  writeFileSync(file, JSON.stringify({ version: 1, baselines: [['program /opt/worker cpu', usual]] }))
  const { ino } = statSync(file)
  await runOnce()
  // It was read at the start and written anew at the end.
  expect(statSync(file).ino).not.toBe(ino)
  const { baselines } = JSON.parse(readFileSync(file, 'utf8')) as { baselines: [string, unknown][] }
  expect(new Map(baselines).get('program /opt/worker cpu')).toEqual(usual)
})
