import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { certificateRequest, newKey } from './certificate-request.ts'

const OPENSSL = '/usr/bin/openssl'

test('OpenSSL reads a request, finds it signed with its key, and nobody named in it', () => {
  const key = newKey()
  const told = execFileSync(OPENSSL, ['req', '-verify', '-noout', '-text'], {
    input: certificateRequest(key),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  expect(told).toMatch(/Subject:\s*\n/)
  expect(told).toContain('NIST CURVE: P-256')
  expect(told).toContain('ecdsa-with-SHA256')
})

test('each key is a new one', () => {
  expect(newKey()).not.toBe(newKey())
})
