import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** Something that is stored about a person or a tenant, and what an erasure does with it. */
export interface Holding {
  /** `state`, `events`, `files`, `audit`, `agents`, `backups`. */
  readonly store: string
  /** A table, a file, a host. */
  readonly what: string
  /** In the unit of `what`: rows, events, records; -1 where nobody can count it from here. */
  readonly count: number
  readonly fate: 'delete' | 'replace' | 'keep'
  /** Why it is kept, and what ends it. */
  readonly why: string
}

/** What an erasure did: signed by the server that did it. */
export interface ErasureStatement {
  readonly vedette_erasure: 1
  readonly id: string
  readonly kind: 'person' | 'tenant'
  /**
   * Whom it was about, for who knows the name: SHA-256 of `salt`, a line feed and each name in lower case on a line of its own.
   */
  readonly subject: { readonly salt: string; readonly sha256: string }
  /** What stands in place of the person's names now. */
  readonly pseudonym?: string
  readonly begun_at: number
  readonly ended_at: number
  readonly by: string
  readonly done: readonly Holding[]
  /** Looked for again afterwards: what is still there, and why. */
  readonly kept: readonly Holding[]
}

export interface ErasureProof {
  readonly statement: ErasureStatement
  /** Ed25519 public key of the server, base64url. */
  readonly key: string
  /** Over the purpose and the statement's JSON, base64url. */
  readonly signature: string
}

/** What a signature is for, so that one over something else can never stand for it. */
const PURPOSE = 'vedette erasure 1\n'

export function signErasure(statement: ErasureStatement, key: KeyObject): ErasureProof {
  const signature = sign(null, bytesOf(statement), key).toString('base64url')
  return { statement, key: String(createPublicKey(key).export({ format: 'jwk' }).x), signature }
}

/** Whether a proof is as the server that it names signed it; false for what is no proof. */
export function isSignedErasure(proof: unknown): proof is ErasureProof {
  const { statement, key, signature } = (proof ?? {}) as Partial<ErasureProof>
  if (statement?.vedette_erasure !== 1 || typeof key !== 'string' || typeof signature !== 'string')
    return false
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' })
    return verify(null, bytesOf(statement), publicKey, Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}

function bytesOf(statement: ErasureStatement): Buffer {
  return Buffer.from(PURPOSE + JSON.stringify(statement))
}
