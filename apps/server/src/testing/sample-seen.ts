import type { Event } from '@vedette/model'
import type { TestAgent } from './test-agent.ts'

/** What a host saw of its network, of who was let in, and of a file that somebody changed. */
export function sampleSeen(agent: TestAgent): Event[] {
  const {
    activity: _,
    process,
    ...rest
  } = agent.launch('curl https://shop.example', 7000, [1]) as Extract<Event, { kind: 'process' }>
  const ends = {
    src_endpoint: { ip: '10.0.0.1', port: 40_001 },
    dst_endpoint: { ip: '203.0.113.7', port: 443 },
  }
  const flow = {
    uid: 'f1',
    community_id: '1:x',
    start_time: rest.time,
    duration_ms: 1500,
    state: 'closed',
    app: 'tls',
  }
  const session = { uid: 'sshd-1-2', created_time: rest.time - 60_000 }
  const signIn = {
    kind: 'authentication',
    class_uid: 3002,
    status: 'success',
    user: { uid: '', name: 'mallory-of-the-tests' },
    service: 'sshd',
    session,
  }
  const known = { type: 'file', uid: 0, gid: 0, modified_time: 1, mode: '0644', sha256: 'a'.repeat(64) }
  const seen: object[] = [
    {
      kind: 'network',
      class_uid: 4001,
      activity: 'traffic',
      protocol: 'tcp',
      direction: 'outbound',
      process,
      flow,
      traffic: { bytes_in: 1, bytes_out: 2 },
      cumulative_traffic: { bytes_in: 5000, bytes_out: 700 },
      ...ends,
    },
    {
      kind: 'protocol',
      class_uid: 4001,
      protocol_name: 'tls',
      transport: 'tcp',
      flow_uid: 'f1',
      process,
      ...ends,
      tls: {
        sni: 'shop.example',
        version: 'TLS 1.3',
        ja3_hash: 'b'.repeat(32),
        ja4: 't13d1516h2_8daaf6152771_02713d6af862',
        established: true,
      },
    },
    {
      kind: 'network',
      class_uid: 4001,
      activity: 'listen',
      protocol: 'tcp',
      direction: 'none',
      dst_endpoint: { ip: '::', port: 4444 },
    },
    {
      ...signIn,
      activity: 'logon',
      time: session.created_time,
      src_endpoint: { ip: '192.0.2.9', port: 50_000 },
      auth_protocol: 'password',
      failed_attempts: 3,
    },
    { ...signIn, activity: 'logoff', duration: 60_000 },
    {
      kind: 'file',
      class_uid: 1001,
      activity: 'differ',
      file: { path: '/etc/passwd', name: 'passwd' },
      process,
      integrity: {
        change: 'changed',
        before: known,
        after: { ...known, mode: '4755', modified_time: 2 },
        changed: ['mode', 'modified_time'],
        seen: 'watched',
        package: { name: 'base-files', version: '12', manager: 'dpkg' },
        by_package_manager: false,
      },
    },
  ]
  return seen.map((facts, number) => ({ ...rest, id: `${rest.id}-${number}`, ...facts }) as Event)
}
