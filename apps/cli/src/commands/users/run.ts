import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { count } from '../../format/quantity.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import * as documents from './documents.ts'

interface Account {
  readonly name: string
  readonly roles: readonly { readonly tenant: string; readonly role: string }[]
  readonly disabled: boolean
  readonly must_change: boolean
}

interface InTenant {
  readonly tenant?: string
}

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { accounts, tenants } = await client.query(documents.accountList)
  if (invocation.json) return printJson(invocation, accounts)
  if (accounts.length === 0) {
    return printLine(
      invocation,
      "Nobody has an account yet; the page that 'vedette up' names makes the first.",
    )
  }
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  const now = invocation.clock.now()
  printTable(
    invocation,
    [
      { title: 'NAME' },
      { title: 'ROLE', flexible: true },
      { title: 'STATE' },
      { title: 'SECOND FACTOR' },
      { title: 'LAST SIGN-IN' },
    ],
    accounts.map((account) => [
      safe(account.name, 64),
      rolesOf(account, names),
      stateOf(account, invocation),
      account.second_factor ? 'yes' : 'no',
      account.last_sign_in === null ? 'never' : ago(Date.parse(account.last_sign_in), now),
    ]),
  )
}

/** The role alone where there is one tenant; else with the tenant's name. */
function rolesOf({ roles }: Account, names: ReadonlyMap<string, string>): string {
  if (roles.length === 0) return 'none'
  return roles
    .map(({ role, tenant }) =>
      names.size < 2 ? role : `${role} in ${safe(names.get(tenant) ?? tenant, 64)}`,
    )
    .join(', ')
}

function stateOf({ disabled, must_change: mustChange }: Account, { style }: Invocation): string {
  if (disabled) return style.warn('disabled')
  return mustChange ? 'first password' : 'active'
}

export async function add(
  invocation: Invocation,
  options: InTenant & { readonly role: string },
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const { addUser: made } = await client.mutate(documents.addUser, { name, ...given(options) })
  if (invocation.json) return printJson(invocation, made)
  printLine(invocation, `${safe(made.account.name)} may sign in as ${options.role}.`)
  tellPassword(invocation, made.password)
}

export async function role(
  invocation: Invocation,
  options: InTenant,
  name: string,
  text: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const wanted = { name, ...(text !== 'none' && { role: text }), ...tenantOf(options) }
  const { setUserRole: account } = await client.mutate(documents.setUserRole, wanted)
  if (invocation.json) return printJson(invocation, account)
  const where = options.tenant === undefined ? '' : ` in ${safe(options.tenant)}`
  printLine(
    invocation,
    text === 'none'
      ? `${safe(account.name)} has no role${where} any more.`
      : `${safe(account.name)} is ${text}${where} now.`,
  )
}

export async function disable(invocation: Invocation, _options: object, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { disableUser: account } = await client.mutate(documents.disableUser, { name })
  if (invocation.json) return printJson(invocation, account)
  printLine(invocation, `${safe(account.name)} is shut out; their sessions have ended.`)
}

export async function enable(invocation: Invocation, _options: object, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { enableUser: account } = await client.mutate(documents.enableUser, { name })
  if (invocation.json) return printJson(invocation, account)
  printLine(invocation, `${safe(account.name)} may sign in again.`)
}

export async function remove(invocation: Invocation, _options: object, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { removeUser: account } = await client.mutate(documents.removeUser, { name })
  if (invocation.json) return printJson(invocation, account)
  printLine(invocation, `${safe(account.name)} is gone; what they did stays in the audit log.`)
}

export async function reset(
  invocation: Invocation,
  options: { readonly secondFactor?: boolean },
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const { resetUser: made } = await client.mutate(documents.resetUser, {
    name,
    second_factor: options.secondFactor ?? false,
  })
  if (invocation.json) return printJson(invocation, made)
  const also = options.secondFactor === true ? ', and the second factor is taken away' : ''
  printLine(invocation, `All sessions of ${safe(made.account.name)} have ended${also}.`)
  tellPassword(invocation, made.password)
}

export async function sessions(
  invocation: Invocation,
  options: { readonly end?: string | true },
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  if (options.end !== undefined) {
    const session = options.end === true ? {} : { session: options.end }
    const { endSessions: ended } = await client.mutate(documents.endSessions, { name, ...session })
    if (invocation.json) return printJson(invocation, { ended })
    return printLine(
      invocation,
      ended === 1 ? 'One session has ended.' : `${count(ended)} sessions have ended.`,
    )
  }
  const { account_sessions: all } = await client.query(documents.accountSessions, { name })
  if (invocation.json) return printJson(invocation, all)
  if (all.length === 0) return printLine(invocation, `${safe(name)} is signed in nowhere.`)
  const now = invocation.clock.now()
  printTable(
    invocation,
    [{ title: 'ID' }, { title: 'SINCE' }, { title: 'ADDRESS' }, { title: 'PROGRAM', flexible: true }],
    all.map((session) => [
      session.id,
      ago(Date.parse(session.created_at), now),
      safe(session.address, 64),
      safe(session.program, 300),
    ]),
  )
}

function tellPassword(invocation: Invocation, password: string): void {
  printLine(invocation, `Their password until the first sign-in: ${password}`)
  printLine(invocation, 'It is not shown again.')
}

function given<T extends InTenant & { readonly role: string }>(options: T) {
  return { role: options.role, ...tenantOf(options) }
}

function tenantOf({ tenant }: InTenant): InTenant {
  return tenant === undefined ? {} : { tenant }
}
