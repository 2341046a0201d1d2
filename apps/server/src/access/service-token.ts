import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, errors, exportJWK, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '@vedette/base'
import { type Keyring, readSealedFile, writeSealedFile } from '@vedette/store/keys'
import { z } from 'zod'

/** Only this signs, and nothing else is taken, whatever a token says of itself (RFC 8725, section 3.1). */
const ALGORITHM = 'EdDSA'
/** RFC 9068: an access token, so that no other kind of token passes for one. */
const TYPE = 'at+jwt'
const AUDIENCE = 'vedette-api'
const LIFETIME_S = 15 * 60

const claimsSchema = z.object({ key: z.string().regex(/^[0-9a-f]{64}$/), exp: z.number() })

export interface ServiceClaims {
  /** Hash of the key that it was made from: where that is revoked, it is of no use. */
  readonly keyHash: string
  readonly expiresAt: number
}

/** Tokens of a quarter of an hour that a program makes from its key, to hand on without the key. */
export interface ServiceTokens {
  issue(keyHash: string, keyId: string, keyEndsAt?: number): Promise<{ token: string; expiresAt: number }>
  /** What a token says, or undefined when it is none of ours, is for something else, or is over. */
  verify(token: string): Promise<ServiceClaims | undefined>
}

/** @param privateKey Ed25519 */
export async function createServiceTokens(privateKey: KeyObject, clock: Clock): Promise<ServiceTokens> {
  const publicKey = createPublicKey(privateKey)
  const issuer = `urn:vedette:${await calculateJwkThumbprint(await exportJWK(publicKey))}`
  return {
    async issue(keyHash, keyId, keyEndsAt = Infinity) {
      const nowS = Math.floor(clock.now() / 1000)
      const endsS = Math.min(nowS + LIFETIME_S, Math.floor(keyEndsAt / 1000))
      const token = await new SignJWT({ key: keyHash })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(keyId)
        .setIssuedAt(nowS)
        .setExpirationTime(endsS)
        .sign(privateKey)
      return { token, expiresAt: endsS * 1000 }
    },

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer,
          audience: AUDIENCE,
          requiredClaims: ['exp', 'iat', 'sub'],
          maxTokenAge: LIFETIME_S,
          currentDate: new Date(clock.now()),
        })
        const claims = claimsSchema.safeParse(payload)
        if (!claims.success) return undefined
        return { keyHash: claims.data.key, expiresAt: claims.data.exp * 1000 }
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}

/**
 * The key that service tokens are signed with, made at the first start.
 *
 * @param path of a file that only the server can read
 * @param keys what it is sealed with
 */
export function serviceKey(path: string, keys: Keyring): KeyObject {
  const kept = readSealedFile(keys, path)
  if (kept !== undefined) return createPrivateKey(kept)
  const { privateKey } = generateKeyPairSync('ed25519')
  writeSealedFile(keys, path, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
  return privateKey
}
