import { accountName, type AuthenticationFacts } from './facts.ts'

/** systemd 252: `New session 12 of user bob.`; 257: `New session '12' of user 'bob' with class 'user' and type 'tty'.` */
const NEW =
  /^New session '?([\w-]{1,64})'? of user '?(.{1,256}?)'?(?: with class '[^']{1,64}' and type '([^']{1,64})')?\.$/
const REMOVED = /^Removed session '?([\w-]{1,64})'?\.$/

/** Understands the sessions of systemd-logind(8). The end names no account: whoever knows the beginning does. */
export function parseLogind(message: string): AuthenticationFacts | undefined {
  const begun = NEW.exec(message)
  const ended = begun === null ? REMOVED.exec(message) : null
  const sessionId = begun?.[1] ?? ended?.[1]
  if (sessionId === undefined) return undefined
  const type = begun?.[3]
  return {
    activity: 'other',
    status: 'success',
    user: begun?.[2] === undefined ? {} : accountName(begun[2]),
    service: 'systemd-logind',
    session: begun === null ? 'closed' : 'opened',
    sessionId,
    ...(type !== undefined && { protocol: type }),
    attempts: 1,
  }
}
