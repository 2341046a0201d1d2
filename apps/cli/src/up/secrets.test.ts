import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepSecret, newSecret, sha256 } from './secrets.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-secret-'))
  file = join(folder, 'token')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('keepSecret() makes a secret once, 0600, and finds it again', () => {
  const first = keepSecret(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(keepSecret(file).reveal()).toBe(first.reveal())
  expect(inspect(first)).toBe('[secret]')
})

test('keepSecret() refuses one that others can read, and one that was not made here', () => {
  keepSecret(file)
  chmodSync(file, 0o640)
  expect(() => keepSecret(file)).toThrow('can be read by others')
  chmodSync(file, 0o600)
  writeFileSync(file, 'your-secret-key-here\n')
  expect(() => keepSecret(file)).toThrow('does not hold a secret')
})

test('keepSecret() writes one anew that a crash left empty', () => {
  writeFileSync(file, '', { mode: 0o600 })
  expect(keepSecret(file).reveal()).toHaveLength(43)
})

test('two secrets differ, and a hash has 64 hex digits', () => {
  expect(newSecret().reveal()).not.toBe(newSecret().reveal())
  expect(sha256(newSecret())).toMatch(/^[0-9a-f]{64}$/)
})
