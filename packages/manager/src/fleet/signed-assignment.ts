import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type Assignment, assignmentSchema, type SignedAssignment } from '@vedette/model'

/** What is signed begins with what it is, so that a signature never passes for one of something else. */
const ASSIGNMENT = 'vedette assignment 1\n'
const SIGNER = 'vedette signer of assignments 1\n'

/** A key that signs assignments, and the authority's word that it may. */
export interface AssignmentSigner {
  /** Ed25519. */
  readonly privateKey: KeyObject
  readonly certified: SignedAssignment['signer']
}

/** The bytes with which an authority says that a key (SubjectPublicKeyInfo, Base64) signs assignments until then. */
export function signerBytes(key: string, expiresAt: number): Buffer {
  return Buffer.from(`${SIGNER}${expiresAt}\n${key}`)
}

export function signAssignment(assignment: Assignment, signer: AssignmentSigner): SignedAssignment {
  const payload = JSON.stringify(assignment)
  return {
    payload,
    signature: sign(null, Buffer.from(ASSIGNMENT + payload), signer.privateKey).toString('base64'),
    signer: signer.certified,
  }
}

/** Whom an assignment has to be for, and what it has to follow. */
export interface Expected {
  readonly tenant: string
  readonly agent: string
  /** Of the authority: the root of all trust of the agent. */
  readonly authority: KeyObject
  /** Serial of the newest one that was ever taken; 0 for none. */
  readonly floor: number
  readonly now: number
}

export type OpenedAssignment =
  | { readonly ok: true; readonly assignment: Assignment }
  | {
      readonly ok: false
      readonly code: 'forged' | 'malformed' | 'not-for-us' | 'rolled-back' | 'expired' | 'not-yet'
      readonly reason: string
    }

/** A clock of the server that is ahead of ours by so much is not held against it. */
const SKEW_MS = 300_000

/** Reads a signed assignment. Nothing in it is looked at before its signatures hold. Never throws. */
export function openAssignment(document: SignedAssignment, expected: Expected): OpenedAssignment {
  const refuse = (
    code: Exclude<OpenedAssignment, { ok: true }>['code'],
    reason: string,
  ): OpenedAssignment => ({
    ok: false,
    code,
    reason,
  })
  if (!isSigned(document, expected.authority)) {
    return refuse('forged', 'It is not signed by the server that this agent trusts')
  }
  if (document.signer.expiresAt <= expected.now)
    return refuse('expired', 'The key that signed it has expired')
  const parsed = assignmentSchema.safeParse(parseJson(document.payload))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse('malformed', `${issue?.path.join('.') || 'payload'}: ${issue?.message ?? 'wrong'}`)
  }
  const assignment = parsed.data as Assignment
  const { tenant, agent, serial, issuedAt, expiresAt } = assignment
  if (tenant !== expected.tenant || agent !== expected.agent) {
    return refuse('not-for-us', 'It is for another agent')
  }
  if (serial < expected.floor) {
    return refuse('rolled-back', `It is number ${serial}, and number ${expected.floor} was taken already`)
  }
  if (expiresAt <= expected.now) {
    return refuse('expired', `It expired at ${new Date(expiresAt).toISOString()}`)
  }
  if (issuedAt > expected.now + SKEW_MS) {
    return refuse('not-yet', `It is of ${new Date(issuedAt).toISOString()}, which has not come yet`)
  }
  return { ok: true, assignment }
}

function isSigned({ payload, signature, signer }: SignedAssignment, authority: KeyObject): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(signer.key, 'base64'), format: 'der', type: 'spki' })
    if (key.asymmetricKeyType !== 'ed25519') return false
    const mayItSign = verify(
      'sha256',
      signerBytes(signer.key, signer.expiresAt),
      { key: authority, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signer.signature, 'base64'),
    )
    return mayItSign && verify(null, Buffer.from(ASSIGNMENT + payload), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
