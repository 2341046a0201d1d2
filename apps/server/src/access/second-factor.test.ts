import { TOTP } from 'otpauth'
import { expect, test } from 'vitest'
import {
  newRecoveryCodes,
  newSecondFactor,
  recoveryCodeHash,
  secondFactorUri,
  stepOfCode,
} from './second-factor.ts'

/** RFC 6238, appendix B: the secret of its SHA-1 vectors, of which the last six digits count. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('stepOfCode() knows the vector of second %i', (second, code) => {
  expect(stepOfCode(RFC_SECRET, code, second * 1000)).toBe(Math.floor(second / 30))
})

test('stepOfCode() takes a neighbour and names its step, and nothing further away', () => {
  const now = 1_700_000_000_000
  const step = Math.floor(now / 30_000)
  const secret = newSecondFactor()
  const own = new TOTP({ secret })
  expect(stepOfCode(secret, own.generate({ timestamp: now - 30_000 }), now)).toBe(step - 1)
  expect(stepOfCode(secret, own.generate({ timestamp: now + 30_000 }), now)).toBe(step + 1)
  expect(stepOfCode(secret, own.generate({ timestamp: now - 90_000 }), now)).toBeUndefined()
})

test.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('stepOfCode() knows no step of %j', (code) => {
  expect(stepOfCode(RFC_SECRET, code, 59_000)).toBeUndefined()
})

test('secondFactorUri() says whose it is and what it needs', () => {
  const uri = new URL(secondFactorUri(RFC_SECRET, 'anna@example.org'))
  expect(uri.protocol).toBe('otpauth:')
  expect(uri.searchParams.get('secret')).toBe(RFC_SECRET)
  expect(uri.searchParams.get('issuer')).toBe('Vedette')
})

test('recovery codes are all different, and one is the same however it is typed', () => {
  const codes = newRecoveryCodes()
  expect(new Set(codes).size).toBe(10)
  const [code = ''] = codes
  expect(code).toMatch(/^(?:[0-9a-f]{4}-){4}[0-9a-f]{4}$/)
  expect(recoveryCodeHash(` ${code.toUpperCase().replaceAll('-', ' ')}`)).toBe(recoveryCodeHash(code))
})
