import { randomUUID } from 'node:crypto'
import { DEFAULT_TENANT } from '@vedette/model'
import type { Account } from '@vedette/store'
import { z } from 'zod'
import { checkPassword, hashPassword, verifyPassword } from '../../access/password.ts'
import { PublicError } from '../../access/public-error.ts'
import { tokenHash } from '../../access/token.ts'
import type { Services } from '../../services.ts'

/** Letters, digits and `. _ @ -`, so that a name reads the same wherever it stands. */
const nameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u, 'a name has 1 to 64 letters, digits or . _ @ -')
  .transform((name) => name.normalize('NFC'))

export const setUpSchema = z.strictObject({
  token: z.string().max(512),
  name: nameSchema,
  password: z.string().max(4096),
})
export const signInSchema = z.strictObject({ name: z.string().max(64), password: z.string().max(4096) })

/** Names that stand in the audit log for somebody else. */
const RESERVED = new Set(['cli', 'vedette', 'agent'])

/**
 * Makes the first account, an admin, with the one-time token.
 *
 * @throws {PublicError} `setup-refused`, `name-refused`, `password-refused`, `rate-limited`
 */
export async function makeFirstAccount(
  { state, clock, audited }: Services,
  { token, name, password }: z.output<typeof setUpSchema>,
): Promise<Account> {
  if (RESERVED.has(name.toLowerCase())) {
    throw new PublicError('name-refused', `Choose another name: ${name} stands for a part of Vedette`)
  }
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
 * Whose name and password these are.
 *
 * @throws {PublicError} `sign-in-refused`, the same for an unknown name, after the same time
 */
export async function findAccount(
  { state, audited, limits, clock }: Services,
  { name, password }: z.output<typeof signInSchema>,
  address: string,
): Promise<Account> {
  limits.account.require(name.normalize('NFC').toLowerCase())
  const account = await state.of(DEFAULT_TENANT).accounts.byName(name.normalize('NFC'))
  const good = await verifyPassword(password, account?.passwordHash ?? (await nobodysHash()))
  const entry = { actor: account?.name ?? name, action: 'sign-in', target: 'session', detail: { address } }
  if (!account || !good || account.disabled) {
    await audited.record({ ...entry, outcome: 'refused' })
    throw new PublicError('sign-in-refused', 'Name or password is wrong')
  }
  await audited.record({ ...entry, outcome: 'done' })
  await state.of(DEFAULT_TENANT).accounts.signedIn(account.id, clock.now())
  return account
}

let nobody: Promise<string> | undefined

/** A hash that costs as much as any other, for names that nobody has. */
function nobodysHash(): Promise<string> {
  nobody ??= hashPassword('nobody has this password')
  return nobody
}
