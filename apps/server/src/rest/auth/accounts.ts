import { randomUUID } from 'node:crypto'
import { DEFAULT_TENANT } from '@vedette/model'
import type { Account } from '@vedette/store'
import type { z } from 'zod'
import { checkPassword, hashPassword, verifyPassword } from '../../access/password.ts'
import { PublicError } from '../../access/public-error.ts'
import { type assertionSchema, passkeyOf } from '../../access/passkey.ts'
import { fullName } from '../../access/session.ts'
import { passesSecondFactor } from './second-factor.ts'
import { tokenHash } from '../../access/token.ts'
import { accountName } from '../../people/names.ts'
import type { Services } from '../../services.ts'
import type { setUpSchema, signInSchema } from './forms.ts'

/**
 * Makes the first account, an admin, with the one-time token.
 *
 * @throws {PublicError} `setup-refused`, `name-refused`, `password-refused`, `rate-limited`
 */
export async function makeFirstAccount(
  { state, clock, audited }: Services,
  { token, name: wanted, password }: z.output<typeof setUpSchema>,
): Promise<Account> {
  const name = accountName(wanted)
  checkPassword(password, name)
  const passwordHash = await hashPassword(password)
  const act = { actor: name, action: 'set-up', target: `account ${name}`, detail: { role: 'admin' } }
  return audited.act(act, async () => {
    // The store compares hashes within its lookup; a difference in time tells nothing of a random token.
    const account = await state
      .of(DEFAULT_TENANT)
      .setup.use(tokenHash(token), { id: randomUUID(), name, passwordHash, role: 'admin' }, clock.now())
    if (!account) throw new PublicError('setup-refused', 'This token is wrong or was used already')
    return account
  })
}

/**
 * Whose name, password and second factor these are. A new password is set where one is asked for. People of another
 * organisation than the first give its name too: `harbour/anna`.
 *
 * @throws {PublicError} `sign-in-refused`, the same for an unknown name, after the same time; once the password is right
 *   `second-factor-needed`, `passkey-needed` for whom only a passkey will do, `second-factor-refused`, `passkey-refused`,
 *   `password-expired`, `password-refused`
 */
export async function findAccount(
  services: Services,
  { name: given, password, code, passkey, new_password: newPassword }: z.output<typeof signInSchema>,
  from: { readonly address: string; readonly origin: () => URL },
): Promise<Account> {
  const { state, audited, limits } = services
  const name = given.normalize('NFC')
  limits.account.require(name.toLowerCase())
  const { address } = from
  const account = await accountOf(services, name)
  const good = await verifyPassword(password, account?.passwordHash ?? (await nobodysHash()))
  const actor = account ? fullName(account) : name
  const entry = { actor, action: 'sign-in', target: 'session', detail: { address } }
  if (!account || !good || account.disabled) {
    await audited.record({ ...entry, outcome: 'refused' })
    throw new PublicError('sign-in-refused', 'Name or password is wrong')
  }
  // All that is missing is told before a code is used up: it counts once.
  const needsMore = account.secondFactor || account.passkeys > 0
  if (needsMore && passkey === undefined && (code === undefined || !account.secondFactor)) {
    throw account.secondFactor
      ? new PublicError('second-factor-needed', 'Give the code of your second factor, or use a passkey')
      : new PublicError('passkey-needed', 'Use your passkey')
  }
  if (account.mustChange) {
    if (newPassword === undefined) throw new PublicError('password-expired', 'Choose a password of your own')
    checkNewPassword(newPassword, password, account.name)
  }
  if (passkey !== undefined) {
    const used = await passkeyOf(services, passkey, from.origin()).catch(async (error: unknown) => {
      await audited.record({ ...entry, outcome: 'refused', detail: { address, passkey: true } })
      throw error
    })
    if (used.tenant !== account.tenant || used.account !== account.id) {
      await audited.record({ ...entry, outcome: 'refused', detail: { address, passkey: true } })
      throw new PublicError('passkey-refused', 'This passkey is of somebody else')
    }
  } else if (account.secondFactor && !(await passesSecondFactor(services, account, code ?? ''))) {
    await audited.record({ ...entry, outcome: 'refused', detail: { address, second_factor: true } })
    throw new PublicError('second-factor-refused', 'This code is wrong or was used already')
  }
  if (account.mustChange) await setPassword(services, account, newPassword ?? '', password)
  await letIn(services, account, address)
  return state
    .of(account.tenant)
    .accounts.get(account.id)
    .then((fresh) => fresh ?? account)
}

/**
 * Whose passkey this is. It proves both: that they have it, and that they can open it.
 *
 * @throws {PublicError} `passkey-refused`
 */
export async function findByPasskey(
  services: Services,
  response: z.output<typeof assertionSchema>,
  { address, origin }: { readonly address: string; readonly origin: URL },
): Promise<Account> {
  const { state, audited, limits } = services
  limits.account.require(`passkey ${response.id}`)
  const refused = async (actor: string) =>
    audited.record({
      actor,
      action: 'sign-in',
      target: 'session',
      outcome: 'refused',
      detail: { address, passkey: true },
    })
  const passkey = await passkeyOf(services, response, origin).catch(async (error: unknown) => {
    await refused('somebody')
    throw error
  })
  const account = await state.of(passkey.tenant).accounts.get(passkey.account)
  if (!account || account.disabled) {
    await refused(account ? fullName(account) : 'somebody')
    throw new PublicError('passkey-refused', 'This passkey opens nothing here')
  }
  await letIn(services, account, address, { passkey: passkey.name })
  return account
}

/** Writes down who comes in, before they are. */
export async function letIn(
  { state, audited, clock }: Services,
  account: Account,
  address: string,
  how: Readonly<Record<string, string>> = {},
): Promise<void> {
  await audited.record({
    actor: fullName(account),
    action: 'sign-in',
    target: 'session',
    outcome: 'done',
    detail: { address, ...how },
  })
  await state.of(account.tenant).accounts.signedIn(account.id, clock.now())
}

/** By `anna`, or `harbour/anna` outside of the first organisation. */
async function accountOf({ state }: Services, name: string): Promise<Account | undefined> {
  const slash = name.indexOf('/')
  if (slash < 0) return state.of(DEFAULT_TENANT).accounts.byName(name)
  const organisation = await state.credentials.organisation(name.slice(0, slash))
  return organisation && state.of(organisation).accounts.byName(name.slice(slash + 1))
}

/**
 * Sets a password that its owner chose.
 *
 * @throws {PublicError} `password-refused`
 */
export async function setPassword(
  { state, audited }: Services,
  account: Account,
  password: string,
  before: string,
): Promise<void> {
  const { tenant, id, name } = account
  checkNewPassword(password, before, name)
  const passwordHash = await hashPassword(password)
  await audited.act(
    { actor: fullName(account), action: 'password.change', target: `account ${name}`, detail: {} },
    () => state.of(tenant).accounts.setPassword(id, passwordHash, false),
  )
}

/** @throws {PublicError} `password-refused` */
function checkNewPassword(password: string, before: string, name: string): void {
  checkPassword(password, name)
  if (password === before) {
    throw new PublicError('password-refused', 'Choose another password: it is the old one')
  }
}

let nobody: Promise<string> | undefined

/** A hash that costs as much as any other, for names that nobody has. */
function nobodysHash(): Promise<string> {
  nobody ??= hashPassword('nobody has this password')
  return nobody
}
