import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { PartLog } from './part-log.ts'

test('PartLog begins a new file after 10 MiB and keeps one old one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  using log = new PartLog(folder, 'server')
  const line = 'x'.repeat(1 << 20)
  for (let i = 0; i < 12; i += 1) log.write(line)
  log.write('last')
  expect(readdirSync(folder).sort()).toEqual(['server.log', 'server.log.1'])
  expect(readFileSync(join(folder, 'server.log'), 'utf8').endsWith('last\n')).toBe(true)
  expect(statSync(join(folder, 'server.log.1')).size).toBeLessThan(12 << 20)
})
