import { generateKeyPairSync } from 'node:crypto'
import type { Clock } from '@vedette/base'
import { type AssignmentSigner, signerBytes } from '@vedette/manager/fleet'
import type { Authority } from '../authority/authority.ts'

/** A signing key is good for so long and replaced at half of it. It is kept nowhere but in memory. */
const LIFETIME_MS = 7 * 86_400_000

/** The key that assignments are signed with, certified by the authority: made at each start, and again in time. */
export class Signing {
  readonly #authority: Pick<Authority, 'signBytes'>
  readonly #clock: Clock
  #signer: Promise<AssignmentSigner> | undefined
  #madeAt = 0

  constructor(authority: Pick<Authority, 'signBytes'>, clock: Clock) {
    this.#authority = authority
    this.#clock = clock
  }

  current(): Promise<AssignmentSigner> {
    const now = this.#clock.now()
    // Also where the clock was set back: what it certified then may not have begun yet.
    if (this.#signer === undefined || Math.abs(now - this.#madeAt) > LIFETIME_MS / 2) {
      this.#madeAt = now
      this.#signer = this.#make(now)
    }
    return this.#signer
  }

  async #make(now: number): Promise<AssignmentSigner> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const expiresAt = now + LIFETIME_MS
    const signature = await this.#authority.signBytes(new Uint8Array(signerBytes(key, expiresAt)))
    return { privateKey, certified: { key, expiresAt, signature: signature.toString('base64') } }
  }
}
