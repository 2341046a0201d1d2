import { operations } from '@vedette/client/rest'
import {
  type AuthenticationResponseJSON,
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from '@simplewebauthn/browser'
import { rest } from '../api/api.ts'

/** Whether this browser, at this address, can have passkeys: they are bound to a host name. */
export function canHavePasskeys(): boolean {
  const isAddress = /^[\d.]+$|:/.test(location.hostname)
  return browserSupportsWebAuthn() && !isAddress
}

/** Has a device make a passkey for who is signed in. */
export async function makePasskey(name: string, password: string): Promise<void> {
  const options = await rest((to) => operations.beginPasskey({ body: { password } }, to))
  const response = await inWords(() =>
    startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }),
  )
  await rest((to) => operations.finishPasskey({ body: { name, response } as never }, to))
}

/** Has a device prove whoever it knows here. */
export async function answerByPasskey(): Promise<AuthenticationResponseJSON> {
  const options = await rest((to) => operations.beginPasskeySignIn(to))
  return inWords(() =>
    startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }),
  )
}

async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') {
      throw new Error('This device has a passkey for your account already', { cause: error })
    }
    // The browser tells no more than this, so that pages learn nothing of the devices around.
    throw new Error('No passkey was given: the device refused, had none for this page, or it took too long', {
      cause: error,
    })
  }
}
