import { expect, test } from 'vitest'
import { escapeSigma, withoutChance } from './sigma-value.ts'

test('text stands for itself, whatever characters of Sigma are in it', () => {
  expect(escapeSigma('C:\\temp\\*.exe?')).toBe('C:\\\\temp\\\\\\*.exe\\?')
  expect(withoutChance('/usr/bin/[ -f x ]')).toBe('/usr/bin/[ -f x ]')
})

test.each([
  ['/tmp/tmp.aB3dE9fGhI/run.sh', '/tmp/tmp.*/run.sh'],
  ['/tmp/tmpab12cd34/run.py', '/tmp/tmp*/run.py'],
  ['cat /proc/4711/maps', 'cat /proc/*/maps'],
  ['rsync --id 1d0c8f0e-6a0b-4d7e-9f0c-3b8b6f6f2a11 /srv', 'rsync --id * /srv'],
  ['dump-1763640000.sql', 'dump-*.sql'],
  ['backup-2026-11-20T03:00:01.tgz', 'backup-*.tgz'],
  ['layer 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'layer *'],
])('%s without chance is %s', (text, expected) => {
  expect(withoutChance(text)).toBe(expected)
})

test('what tells a case apart stays: ports, versions, words that look like numbers', () => {
  for (const text of [
    'nc -l 31337',
    'python3.11 -m http.server 8080',
    'deadbeefdeadbeef',
    'curl http://10.1.2.3/x',
  ]) {
    expect(withoutChance(text)).toBe(text)
  }
})

test('numbers of this one case go, but not as a part of others', () => {
  expect(withoutChance('kill 4711; kill 47110', ['4711'])).toBe('kill *; kill 47110')
  expect(withoutChance('run 12', ['12'])).toBe('run 12')
})

test('what is of chance twice over is one wildcard, and a very long text may go on in any way', () => {
  expect(withoutChance('/proc/4711/x', ['4711'])).toBe('/proc/*/x')
  expect(withoutChance('a'.repeat(5000))).toBe(`${'a'.repeat(1000)}*`)
})
