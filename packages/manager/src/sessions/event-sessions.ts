import type { AuthenticationEvent } from '@vedette/model'
import type { SessionList } from './login-session.ts'

/** Adds what an Event tells of its session. Events are given in order of time. */
export function addEvent(list: SessionList, event: AuthenticationEvent): void {
  const { session, user, actor_user: actor, src_endpoint: source, activity, service, duration, pid } = event
  const host = event.device.hostname
  const name = user.name ?? (user.uid === '' ? undefined : user.uid)
  if (session === undefined) {
    if (activity === 'logoff' && pid !== undefined && name !== undefined) {
      list.end({ host, service, pid, user: name, timeMs: event.time })
    }
    return
  }
  list.add({
    host,
    uid: session.uid,
    service,
    pid,
    isOwn: activity === 'logon',
    user: name,
    actor: actor?.name === user.name ? undefined : actor?.name,
    from: source?.ip ?? event.src_hostname ?? session.terminal,
    method: event.auth_protocol,
    startMs: session.created_time,
    endMs: duration === undefined ? undefined : session.created_time + duration,
    failedBefore: event.failed_attempts ?? 0,
  })
}
