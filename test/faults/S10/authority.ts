import { generateKeyPairSync, sign } from 'node:crypto'
import { type AssignmentSigner, signerBytes } from '@vedette/manager/fleet'
import type { AgentId, Assignment } from '@vedette/model'

/** An authority of a server, and a key that it lets sign assignments. */
export function newAuthority(expiresAt: number) {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer = (until = expiresAt): AssignmentSigner => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const signature = sign('sha256', signerBytes(key, until), {
      key: authority.privateKey,
      dsaEncoding: 'ieee-p1363',
    })
    return { privateKey, certified: { key, expiresAt: until, signature: signature.toString('base64') } }
  }
  return { publicPem: authority.publicKey.export({ type: 'spki', format: 'pem' }) as string, signer }
}

export const TENANT = 'tenant-a'
export const AGENT = '00000000000000aa' as AgentId
export const NOW = Date.UTC(2026, 10, 20)

/** What is good in every respect, but for what a test says. */
export function assignmentOf(serial: number, more: Partial<Assignment> = {}): Assignment {
  return {
    tenant: TENANT,
    agent: AGENT,
    serial,
    group: 'web',
    revision: 1,
    issuedAt: NOW,
    expiresAt: NOW + 3_600_000,
    config: {},
    ...more,
  }
}
