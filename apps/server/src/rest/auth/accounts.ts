import { randomUUID } from 'node:crypto'
import { DEFAULT_TENANT } from '@vedette/model'
import type { Account } from '@vedette/store'
import type { z } from 'zod'
import { checkPassword, hashPassword, verifyPassword } from '../../access/password.ts'
import { PublicError } from '../../access/public-error.ts'
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
 * Whose name, password and second factor these are. A new password is set where one is asked for.
 *
 * @throws {PublicError} `sign-in-refused`, the same for an unknown name, after the same time; once the password is right
 *   `second-factor-needed`, `second-factor-refused`, `password-expired`, `password-refused`
 */
export async function findAccount(
  services: Services,
  { name, password, code, new_password: newPassword }: z.output<typeof signInSchema>,
  address: string,
): Promise<Account> {
  const { state, audited, limits, clock } = services
  limits.account.require(name.normalize('NFC').toLowerCase())
  const people = state.of(DEFAULT_TENANT)
  const account = await people.accounts.byName(name.normalize('NFC'))
  const good = await verifyPassword(password, account?.passwordHash ?? (await nobodysHash()))
  const entry = { actor: account?.name ?? name, action: 'sign-in', target: 'session', detail: { address } }
  if (!account || !good || account.disabled) {
    await audited.record({ ...entry, outcome: 'refused' })
    throw new PublicError('sign-in-refused', 'Name or password is wrong')
  }
  // All that is missing is told before a code is used up: it counts once.
  if (account.secondFactor && code === undefined) {
    throw new PublicError('second-factor-needed', 'Give the code of your second factor')
  }
  if (account.mustChange) {
    if (newPassword === undefined) throw new PublicError('password-expired', 'Choose a password of your own')
    checkNewPassword(newPassword, password, account.name)
  }
  if (account.secondFactor && !(await passesSecondFactor(services, account, code ?? ''))) {
    await audited.record({ ...entry, outcome: 'refused', detail: { address, second_factor: true } })
    throw new PublicError('second-factor-refused', 'This code is wrong or was used already')
  }
  if (account.mustChange) await setPassword(services, account, newPassword ?? '', password)
  await audited.record({ ...entry, outcome: 'done' })
  await people.accounts.signedIn(account.id, clock.now())
  return account
}

/**
 * Sets a password that its owner chose.
 *
 * @throws {PublicError} `password-refused`
 */
export async function setPassword(
  { state, audited }: Services,
  { tenant, id, name }: Account,
  password: string,
  before: string,
): Promise<void> {
  checkNewPassword(password, before, name)
  const passwordHash = await hashPassword(password)
  await audited.act({ actor: name, action: 'password.change', target: `account ${name}`, detail: {} }, () =>
    state.of(tenant).accounts.setPassword(id, passwordHash, false),
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
