import type { AgentId, AuthenticationEvent, EventId } from '@vedette/model'
import { expect, test } from 'vitest'
import { addEvent } from './event-sessions.ts'
import { SessionList } from './login-session.ts'

const event = (time: number, changes: Partial<AuthenticationEvent>): AuthenticationEvent => ({
  id: `agent-run-${time}` as EventId,
  time,
  device: { uid: 'agent' as AgentId, hostname: 'web-1' },
  severity_id: 1,
  metadata: { version: '1.8.0', log_provider: 'file', logged_time: time },
  kind: 'authentication',
  class_uid: 3002,
  activity: 'logon',
  status: 'success',
  user: { uid: '', name: 'anna' },
  service: 'sshd',
  pid: 812,
  ...changes,
})
const began = event(1000, {
  session: { uid: 'sshd-812-1000', created_time: 1000 },
  src_endpoint: { ip: '192.0.2.1', port: 50_111 },
  auth_protocol: 'publickey',
  failed_attempts: 2,
})

function sessionsOf(...events: readonly AuthenticationEvent[]): object[] {
  const list = new SessionList()
  for (const one of events) addEvent(list, one)
  return list.sessions(false)
}

test('what the service says goes before what PAM says beside it', () => {
  const beside = event(1001, {
    activity: 'other',
    actor_user: { uid: '0', name: 'root' },
    session: { uid: 'sshd-812-1000', created_time: 1000 },
  })
  const left = event(9000, {
    activity: 'logoff',
    session: { uid: 'sshd-812-1000', created_time: 1000 },
    duration: 8000,
  })
  const expected = {
    user: 'anna',
    from: '192.0.2.1',
    method: 'publickey',
    failed_before: 2,
    end: 9000,
    duration: 8000,
  }
  expect(sessionsOf(began, beside, left)).toMatchObject([expected])
  expect(sessionsOf(left, beside, began)).toMatchObject([expected])
})

test('an end whose beginning was forgotten by the agent is that of the same process and account', () => {
  expect(sessionsOf(began, event(9000, { activity: 'logoff' }))).toMatchObject([
    { end: 9000, duration: 8000 },
  ])
  for (const other of [{ pid: 813 }, { user: { uid: '', name: 'bob' } }, { service: 'login' }]) {
    const [session] = sessionsOf(began, event(9000, { activity: 'logoff', ...other }))
    expect(session).not.toHaveProperty('end')
  }
  const again = event(20_000, { session: { uid: 'sshd-812-20000', created_time: 20_000 } })
  expect(
    sessionsOf(began, event(9000, { activity: 'logoff' }), again, event(30_000, { activity: 'logoff' })),
  ).toMatchObject([{ end: 9000 }, { end: 30_000 }])
})
