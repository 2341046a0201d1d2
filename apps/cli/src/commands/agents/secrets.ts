import { operations } from '@vedette/client/rest'
import type { Invocation } from '../../command.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { rest } from '../../rest.ts'

export async function create(
  invocation: Invocation,
  { uses, minutes }: { readonly uses: number; readonly minutes: number },
): Promise<void> {
  const made = await rest(invocation)((to) =>
    operations.addEnrolmentSecret({ body: { uses, valid_minutes: minutes } }, to),
  )
  if (invocation.json) return printJson(invocation, made)
  const { style } = invocation
  const agents = uses === 1 ? 'one agent' : `${uses} agents`
  printLine(
    invocation,
    `Secret ${safe(made.id)} lets in ${agents} until ${safe(made.expires_at)}. On the host:`,
  )
  printLine(invocation)
  printLine(
    invocation,
    style.bold(
      `  vedette enroll --server ${safe(made.server)} --ca-fingerprint ${safe(made.ca_fingerprint)} --secret ${safe(made.secret)}`,
    ),
  )
}

export async function list(invocation: Invocation): Promise<void> {
  const { secrets } = await rest(invocation)((to) => operations.listEnrolmentSecrets(to))
  if (invocation.json) return printJson(invocation, secrets)
  if (secrets.length === 0) return printLine(invocation, 'No secrets.')
  printTable(
    invocation,
    [
      { title: 'ID' },
      { title: 'LEFT', align: 'right' },
      { title: 'UNTIL' },
      { title: 'MADE BY', flexible: true },
    ],
    secrets.map(({ id, uses, uses_left, expires_at, created_by }) => [
      safe(id, 8),
      `${uses_left} of ${uses}`,
      Date.parse(expires_at) <= invocation.clock.now() ? 'expired' : safe(expires_at, 32),
      safe(created_by, 100),
    ]),
  )
}

export async function revoke(invocation: Invocation, _options: object, id: string): Promise<void> {
  const revoked = await rest(invocation)((to) => operations.revokeEnrolmentSecret({ id }, to))
  if (invocation.json) return printJson(invocation, revoked)
  printLine(invocation, `Secret ${safe(id)} lets nobody in any more`)
}
