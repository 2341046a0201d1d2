import type { AuthenticationEvent } from '@vedette/model'
import type { SessionSighting } from './login-session.ts'

/** What an Event tells of its session; undefined where it belongs to none. */
export function sightingOf(event: AuthenticationEvent): SessionSighting | undefined {
  const { session, user, actor_user: actor, src_endpoint: source, activity, service, duration } = event
  if (session === undefined) return undefined
  return {
    host: event.device.hostname,
    uid: session.uid,
    service,
    isOwn: activity === 'logon',
    user: user.name ?? (user.uid === '' ? undefined : user.uid),
    actor: actor?.name === user.name ? undefined : actor?.name,
    from: source?.ip ?? session.terminal,
    method: event.auth_protocol,
    startMs: session.created_time,
    endMs: duration === undefined ? undefined : session.created_time + duration,
    failedBefore: event.failed_attempts ?? 0,
  }
}
