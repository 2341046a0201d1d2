import { isIP } from 'node:net'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  type AuthenticationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { Logger } from '@vedette/base'
import type { Account, Passkey } from '@vedette/store'
import { z } from 'zod'
import type { Services } from '../services.ts'
import { PublicError } from './public-error.ts'
import { tokenHash } from './token.ts'

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\w-]*$/)

const credential = {
  id: base64url(1400).min(1),
  rawId: base64url(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: z.looseObject({}).optional(),
}

/** What a browser answers to the options of `beginRegistration` (WebAuthn, 5.1: PublicKeyCredential.toJSON()). */
export const registrationSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(8000),
    attestationObject: base64url(40_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
})

/** What a browser answers to the options of `beginSignIn`. */
export const assertionSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(8000),
    authenticatorData: base64url(8000),
    signature: base64url(8000),
    userHandle: base64url(200).nullish(),
  }),
})

/** EdDSA, ES256 and RS256 (RFC 9053), what devices have. */
const ALGORITHMS = [-8, -7, -257]

/** For what a challenge was given out. */
export type Challenge = { readonly kind: 'register'; readonly account: string } | { readonly kind: 'sign-in' }

/** Options with which a browser makes a passkey for an account. */
export async function beginRegistration(services: Services, account: Account, origin: URL): Promise<object> {
  const known = await services.state.of(account.tenant).passkeys.list(account.id)
  const options = await generateRegistrationOptions({
    rpName: 'Vedette',
    rpID: hostOf(origin),
    userName: account.name,
    userDisplayName: account.name,
    userID: new TextEncoder().encode(account.id),
    // None is looked at, so that none is asked for: whose make the device is says nothing of who holds it.
    attestationType: 'none',
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  })
  services.challenges.put(options.challenge, { kind: 'register', account: account.id })
  return options
}

/**
 * The passkey that a browser made, before it is kept.
 *
 * @throws {PublicError} `passkey-refused`
 */
export async function finishRegistration(
  { challenges, log }: Services,
  accountId: string,
  response: z.output<typeof registrationSchema>,
  origin: URL,
): Promise<Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'rpId' | 'transports' | 'backedUp'>> {
  const done = await refusing(log, () =>
    verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: (challenge) => {
        const begun = challenges.take(challenge)
        return begun?.kind === 'register' && begun.account === accountId
      },
      expectedOrigin: origin.origin,
      expectedRPID: hostOf(origin),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  )
  if (!done.verified) throw refusal()
  const { credential: made, credentialBackedUp } = done.registrationInfo
  return {
    id: made.id,
    publicKey: Buffer.from(made.publicKey).toString('base64url'),
    counter: made.counter,
    rpId: hostOf(origin),
    transports: made.transports ?? [],
    backedUp: credentialBackedUp,
  }
}

/** Options with which a browser proves somebody. The same for everybody: they tell nothing of who has an account. */
export async function beginSignIn({ challenges }: Services, origin: URL): Promise<object> {
  const options = await generateAuthenticationOptions({ rpID: hostOf(origin), userVerification: 'required' })
  challenges.put(options.challenge, { kind: 'sign-in' })
  return options
}

/**
 * Whose passkey answered. Its counter is noted; one that did not rise is of a copy, and opens nothing.
 *
 * @throws {PublicError} `passkey-refused`
 */
export async function passkeyOf(
  { state, challenges, clock, log }: Services,
  response: z.output<typeof assertionSchema>,
  origin: URL,
): Promise<Passkey> {
  const passkey = await state.credentials.passkey(tokenHash(response.id))
  const done = await refusing(log, () =>
    verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      // Taken whatever the rest is worth: a challenge is answered once.
      expectedChallenge: (challenge) =>
        challenges.take(challenge)?.kind === 'sign-in' && passkey !== undefined,
      expectedOrigin: origin.origin,
      expectedRPID: passkey?.rpId ?? hostOf(origin),
      // The counter is compared where it is kept, by `use` below: two answers at once cannot both pass.
      credential: {
        id: passkey?.id ?? response.id,
        publicKey: new Uint8Array(Buffer.from(passkey?.publicKey ?? '', 'base64url')),
        counter: 0,
      },
      requireUserVerification: true,
    }),
  )
  if (!done.verified || passkey === undefined) throw refusal()
  const { newCounter } = done.authenticationInfo
  if (!(await state.of(passkey.tenant).passkeys.use(passkey.id, newCounter, clock.now()))) {
    log.warn(
      { passkey: passkey.id, account: passkey.account },
      'a passkey has a copy: its counter did not rise',
    )
    throw new PublicError('passkey-refused', 'This passkey was used elsewhere since: it may have been copied')
  }
  return passkey
}

async function refusing<T>(log: Logger, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    log.debug({ error }, 'a passkey was refused')
    throw refusal()
  }
}

function refusal(): PublicError {
  return new PublicError('passkey-refused', 'This passkey opens nothing here, or it took too long: try again')
}

/** WebAuthn, 5.1.2: a passkey is bound to a name; an address has none. */
function hostOf({ hostname }: URL): string {
  if (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0) {
    throw new PublicError(
      'passkey-needs-name',
      'Passkeys are bound to a host name: open this page by its name, such as localhost, instead of its address',
    )
  }
  return hostname
}
