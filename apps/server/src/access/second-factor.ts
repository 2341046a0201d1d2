import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { tokenHash } from './token.ts'

const PERIOD_S = 30
const RECOVERY_CODES = 10
const RECOVERY_BYTES = 10

/** A new secret for one-time passwords: 160 bits (RFC 4226, section 4, R6), in base32. */
export function newSecondFactor(): string {
  return new Secret({ size: 20 }).base32
}

/** What an authenticator app reads, as text or from a picture of it. */
export function secondFactorUri(secret: string, accountName: string): string {
  return totpOf(secret, accountName).toString()
}

/**
 * The time step whose one-time password this is (RFC 6238, section 5.2), or undefined. The one before and the one after
 * count too, for clocks that differ. Whoever asks has to refuse a step that was used.
 */
export function stepOfCode(secret: string, code: string, now: number): number | undefined {
  const token = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const delta = totpOf(secret, '').validate({ token, timestamp: now, window: 1 })
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_S) + delta
}

/** Codes for when the device is lost, 80 random bits each: `a1b2-c3d4-...`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    (randomBytes(RECOVERY_BYTES).toString('hex').match(/.{4}/g) ?? []).join('-'),
  )
}

/** What is kept of a recovery code, however it was typed. */
export function recoveryCodeHash(code: string): string {
  return tokenHash(code.toLowerCase().replaceAll(/[^0-9a-f]/g, ''))
}

function totpOf(secret: string, label: string): TOTP {
  // SHA-1 and six digits: what every authenticator app can do; several ignore what the address says.
  return new TOTP({ issuer: 'Vedette', label, algorithm: 'SHA1', digits: 6, period: PERIOD_S, secret })
}
