import type { Invocation } from '../../command.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { callRest } from '../../rest.ts'
import { post } from './fetch-agents.ts'

interface NewSecret {
  readonly id: string
  readonly secret: string
  readonly uses: number
  readonly expires_at: string
  readonly server: string | null
  readonly ca_fingerprint: string
}

interface ListedSecret {
  readonly id: string
  readonly created_by: string
  readonly expires_at: string
  readonly uses: number
  readonly uses_left: number
}

export async function create(
  invocation: Invocation,
  { uses, minutes }: { readonly uses: number; readonly minutes: number },
): Promise<void> {
  const made = await post<NewSecret>(invocation, '/api/agents/secrets', { uses, valid_minutes: minutes })
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
  const { secrets } = (await (await callRest(invocation, '/api/agents/secrets')).json()) as {
    readonly secrets: readonly ListedSecret[]
  }
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
  const revoked = await post<object>(invocation, `/api/agents/secrets/${encodeURIComponent(id)}/revoke`)
  if (invocation.json) return printJson(invocation, revoked)
  printLine(invocation, `Secret ${safe(id)} lets nobody in any more`)
}
