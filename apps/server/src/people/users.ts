import { randomInt, randomUUID } from 'node:crypto'
import type { Account } from '@vedette/store'
import { hashPassword } from '../access/password.ts'
import { PublicError } from '../access/public-error.ts'
import { existingAccount, type Manager, peopleOf, tenantNamed } from './manager.ts'
import { accountName } from './names.ts'
import { unlessRefused } from './refusals.ts'
import { roleIn } from './roles.ts'

/** An account with a password that is shown once and that its owner replaces at the first sign-in. */
export interface WithPassword {
  readonly account: Account
  readonly password: string
}

/** Makes an account. */
export async function addUser(
  manager: Manager,
  input: { readonly name: string; readonly role: string; readonly tenant?: string | null | undefined },
): Promise<WithPassword> {
  const { services, viewer } = manager
  const people = peopleOf(manager)
  const name = accountName(input.name)
  const inTenant = await tenantNamed(manager, input.tenant)
  const role = await roleIn(services, inTenant, input.role)
  const password = newPassword()
  const passwordHash = await hashPassword(password)
  const detail = { role, tenant: inTenant }
  const act = { actor: viewer.name, action: 'user.add', target: `account ${name}`, detail }
  const account = await services.audited.act(act, () =>
    unlessRefused(() =>
      people.accounts.create(
        { id: randomUUID(), name, passwordHash, role, inTenant, mustChange: true },
        services.clock.now(),
      ),
    ),
  )
  return { account, password }
}

/** Sets what somebody is in a tenant; without a role they are nothing there. In force at their next request. */
export async function setUserRole(
  manager: Manager,
  input: {
    readonly name: string
    readonly role: string | undefined
    readonly tenant?: string | null | undefined
  },
): Promise<Account> {
  const inTenant = await tenantNamed(manager, input.tenant)
  const role = input.role === undefined ? undefined : await roleIn(manager.services, inTenant, input.role)
  const detail = { role: role ?? null, tenant: inTenant }
  return change(manager, 'user.role', input.name, detail, (account) =>
    peopleOf(manager).accounts.setRole(account.id, inTenant, role),
  )
}

/** Shuts somebody out, sessions and all, or lets them in again. */
export async function setUserDisabled(manager: Manager, name: string, disabled: boolean): Promise<Account> {
  const { services } = manager
  return change(manager, disabled ? 'user.disable' : 'user.enable', name, {}, async (account) => {
    const people = peopleOf(manager)
    const sessions = await people.sessions.list(account.id, services.clock.now())
    await people.accounts.setDisabled(account.id, disabled, services.clock.now())
    if (disabled) for (const { tokenHash } of sessions) services.openSockets.closeOf(tokenHash)
  })
}

export async function removeUser(manager: Manager, name: string): Promise<Account> {
  const { services, viewer } = manager
  const account = await existingAccount(manager, name)
  const people = peopleOf(manager)
  const act = { actor: viewer.name, action: 'user.remove', target: `account ${account.name}`, detail: {} }
  await services.audited.act(act, async () => {
    const sessions = await people.sessions.list(account.id, services.clock.now())
    await unlessRefused(() => people.accounts.remove(account.id))
    for (const { tokenHash } of sessions) services.openSockets.closeOf(tokenHash)
  })
  return account
}

/** A new password, shown once; with `secondFactor` what else proved them, passkeys and all, is taken away too. All sessions end. */
export async function resetUser(
  manager: Manager,
  name: string,
  secondFactor: boolean,
): Promise<WithPassword> {
  const { services } = manager
  const password = newPassword()
  const passwordHash = await hashPassword(password)
  const account = await change(
    manager,
    'user.reset',
    name,
    { second_factor: secondFactor },
    async ({ id }) => {
      const people = peopleOf(manager)
      await people.accounts.setPassword(id, passwordHash, true)
      if (secondFactor) {
        await people.secondFactors.remove(id)
        await people.passkeys.removeAll(id)
      }
      for (const hash of await people.sessions.revokeAll(id)) services.openSockets.closeOf(hash)
    },
  )
  return { account, password }
}

/** Ends one session, or all of somebody's; within a second also its open sockets. Says how many there were. */
export async function endSessions(
  manager: Manager,
  name: string,
  session: string | undefined,
): Promise<number> {
  const { services } = manager
  const people = peopleOf(manager)
  const { id } = await existingAccount(manager, name)
  const all = await people.sessions.list(id, services.clock.now())
  const ended = session === undefined ? all : all.filter((each) => each.id === session)
  if (session !== undefined && ended.length === 0)
    throw new PublicError('not-found', 'There is no such session')
  await change(manager, 'session.revoke', name, { sessions: ended.map((each) => each.id) }, async () => {
    for (const { tokenHash } of ended) {
      await people.sessions.revoke(tokenHash)
      services.openSockets.closeOf(tokenHash)
    }
  })
  return ended.length
}

async function change(
  manager: Manager,
  action: string,
  name: string,
  detail: Readonly<Record<string, unknown>>,
  work: (account: Account) => Promise<unknown>,
): Promise<Account> {
  const { services, viewer } = manager
  const account = await existingAccount(manager, name)
  const act = { actor: viewer.name, action, target: `account ${account.name}`, detail }
  await services.audited.act(act, () => unlessRefused(() => work(account)))
  return existingAccount(manager, account.id)
}

/** Without letters and digits that look like others. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'
const GROUPS = 5
const GROUP = 5

/** 25 letters, 125 random bits. */
export function newPassword(): string {
  const group = () => Array.from({ length: GROUP }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}
