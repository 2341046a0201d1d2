import type {
  AgentId,
  AuthenticationEvent,
  EventId,
  FileEvent,
  LogEvent,
  NetworkEvent,
  ProcessEvent,
  ProcessUid,
  SystemEvent,
} from '@vedette/model'

/** Events for tests: one of each kind, of which a test changes what it is about. */

let next = 0

function base() {
  next += 1
  return {
    id: `agent-run-${next}` as EventId,
    time: 1_700_000_000_000 + next,
    device: { uid: 'agent' as AgentId, hostname: 'web-1' },
    severity_id: 1,
    metadata: { version: '1.8.0', log_provider: 'ebpf', logged_time: 1_700_000_000_000 },
  } as const
}

const shell: ProcessEvent['process'] = {
  uid: 'boot-100-1' as ProcessUid,
  pid: 100,
  name: 'bash',
  path: '/usr/bin/bash',
  cmd_line: 'bash -i',
  user: { uid: '0', name: 'root' },
}

type Changes<T> = Omit<Partial<T>, 'process'> & { readonly process?: Partial<ProcessEvent['process']> }

export function processEvent({ process, ...rest }: Changes<ProcessEvent> = {}): ProcessEvent {
  return {
    ...base(),
    kind: 'process',
    class_uid: 1007,
    activity: 'launch',
    process: { ...shell, ...process },
    ...rest,
  }
}

export function networkEvent({ process, ...rest }: Changes<NetworkEvent> = {}): NetworkEvent {
  return {
    ...base(),
    kind: 'network',
    class_uid: 4001,
    activity: 'open',
    protocol: 'tcp',
    direction: 'outbound',
    src_endpoint: { ip: '10.0.0.5', port: 40_000 },
    dst_endpoint: { ip: '198.51.100.7', port: 443 },
    process: { ...shell, ...process },
    ...rest,
  }
}

export function fileEvent({ process, ...rest }: Changes<FileEvent> = {}): FileEvent {
  return {
    ...base(),
    kind: 'file',
    class_uid: 1001,
    activity: 'update',
    file: { path: '/etc/passwd', name: 'passwd' },
    process: { ...shell, ...process },
    ...rest,
  }
}

export function authenticationEvent(changes: Partial<AuthenticationEvent> = {}): AuthenticationEvent {
  return {
    ...base(),
    kind: 'authentication',
    class_uid: 3002,
    activity: 'logon',
    status: 'failure',
    user: { uid: '', name: 'root' },
    service: 'sshd',
    src_endpoint: { ip: '203.0.113.7', port: 50_000 },
    ...changes,
  }
}

export function systemEvent({ process, ...rest }: Changes<SystemEvent> = {}): SystemEvent {
  return {
    ...base(),
    kind: 'system',
    class_uid: 1007,
    activity: 'trace',
    system_call: 'ptrace',
    process: { ...shell, ...process },
    ...rest,
  }
}

export function logEvent(changes: Partial<LogEvent> = {}): LogEvent {
  return { ...base(), kind: 'log', class_uid: 0, message: 'a line', path: '/var/log/syslog', ...changes }
}
