import { accountName, attemptsOf, type AuthenticationFacts } from './facts.ts'

/** What sudo says before the fields when it refuses; sudo's lib/eventlog and plugins/sudoers/logging.c. */
const REFUSAL =
  /^(?:(\d{1,9}) incorrect password attempts?|user NOT in sudoers|user NOT authorized on host|command not allowed|a password is required|sorry, .{1,128}|.{0,128}(?:not allowed|not permitted|validation failure|account expired|authentication failure).{0,128})$/

/**
 * Understands sudo's lines: `alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls`, with the reason in front
 * of the fields where it refused. The caller chooses the name of the working directory and the arguments, so a line can
 * hold several `USER=`: where one of them says root, root is believed.
 */
export function parseSudo(text: string): AuthenticationFacts | undefined {
  const message = text.trimStart()
  const colon = message.indexOf(' : ')
  if (colon <= 0 || colon > 256) return undefined
  const actor = message.slice(0, colon)
  const fields = message.slice(colon + 3)
  const command = fields.indexOf(' ; COMMAND=')
  if (command < 0) return undefined
  const first = fields.slice(0, Math.max(0, fields.indexOf(' ; ')))
  const reason = /^[A-Z]+=/.test(first) ? undefined : first
  const refusal = reason === undefined ? null : REFUSAL.exec(reason)
  if (reason !== undefined && refusal === null) return undefined
  const users = [...fields.matchAll(/(?:^| ; )USER=([^\s;]{1,256})(?= ; )/g)].map((match) => match[1] ?? '')
  const user = users.includes('root') ? 'root' : (users[0] ?? 'root')
  return {
    activity: 'logon',
    status: reason === undefined ? 'success' : 'failure',
    user: accountName(user),
    actor: accountName(actor),
    service: 'sudo',
    ...(refusal?.[1] !== undefined && { protocol: 'password' }),
    attempts: attemptsOf(refusal?.[1]),
  }
}
