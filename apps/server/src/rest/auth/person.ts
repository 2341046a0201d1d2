import type { Account } from '@vedette/store'
import { verifyPassword } from '../../access/password.ts'
import { PublicError } from '../../access/public-error.ts'
import type { Viewer } from '../../access/viewer.ts'
import { type Passed, signedIn } from '../../http/route.ts'
import type { Services } from '../../services.ts'

/** Somebody with a session; programs have no password and no second factor. */
export type Person = Viewer & { readonly credential: { readonly kind: 'session' } }

/** @throws {PublicError} `wrong-credential` for keys and tokens */
export function personOf(passed: Passed): Person {
  const viewer = signedIn(passed)
  if (viewer.credential.kind === 'session') return viewer as Person
  throw new PublicError('wrong-credential', 'This is for people who signed in')
}

/**
 * The account of whoever asks, once they typed their password again.
 *
 * @throws {PublicError} `sign-in-refused`, `rate-limited`, `wrong-credential` for who has no password here
 */
export async function confirmed(services: Services, person: Person, password: string): Promise<Account> {
  services.limits.account.require(person.name.toLowerCase())
  const account = await services.state.of(person.organisation).accounts.get(person.id)
  if (account?.issuer !== undefined) {
    throw new PublicError(
      'wrong-credential',
      'You sign in through somebody else: what proves you is kept there',
    )
  }
  if (account && (await verifyPassword(password, account.passwordHash))) return account
  throw new PublicError('sign-in-refused', 'The password is wrong')
}
