import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createLogger } from './log.ts'
import { Secret } from './secret.ts'

test('a secret shows itself nowhere but where it is asked for', () => {
  const lines: string[] = []
  const secret = new Secret('hunter2')
  createLogger('info', { write: (line: string) => void lines.push(line) }).info(
    { secret, list: [secret] },
    'signed in',
  )
  expect(
    `${String(secret)} ${inspect({ secret })} ${JSON.stringify({ secret })} ${lines.join('')}`,
  ).not.toContain('hunter2')
  expect(secret.reveal()).toBe('hunter2')
})

test('an attacker cannot start a line of the log', () => {
  const lines: string[] = []
  createLogger('info', { write: (line: string) => void lines.push(line) }).info(
    { name: 'a\n{"level":60}\u001b[2J' },
    'seen',
  )
  expect(lines.join('').trimEnd().split('\n')).toHaveLength(1)
  expect(lines.join('')).not.toContain('\u001b')
})
