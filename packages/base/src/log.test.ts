import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createLogger } from './log.ts'

test('a log line is one line, whatever is in it', () => {
  const lines: string[] = []
  createLogger('info', { write: (line) => void lines.push(line) }).warn({ name: 'a\nb\u001b[2J' }, 'seen')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.trimEnd()).not.toContain('\n')
  expect(lines[0]).not.toContain('\u001b')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, name: 'a\nb\u001b[2J', msg: 'seen' })
})

test('a program goes on when its log cannot be written', async () => {
  const module = JSON.stringify(fileURLToPath(new URL('log.ts', import.meta.url)))
  const program = `
    const { createLogger } = await import(${module})
    const log = createLogger()
    for (let i = 0; i < 10; i += 1) log.info({}, 'the disk is full')
    await new Promise((resolve) => setTimeout(resolve, 50))
    process.exit(7)`
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', full],
  })
  closeSync(full)
  expect(await once(child, 'exit')).toEqual([7, null])
})
