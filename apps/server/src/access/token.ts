import { createHash, randomBytes } from 'node:crypto'

/** A new secret of 256 random bits, 43 characters that are safe in cookies and headers. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is kept of a token: SHA-256, 64 hex digits. A slow hash would add nothing to 256 random bits. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** The token of an `Authorization: Bearer ...` header (RFC 6750, section 2.1), or undefined. */
export function bearerToken(header: unknown): string | undefined {
  if (typeof header !== 'string' || header.length > 2048) return undefined
  return /^Bearer ([\w.~+/-]{16,2000}=*)$/i.exec(header)?.[1]
}
