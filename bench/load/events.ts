import type { AgentId, Event, EventId, Process, ProcessEntity, ProcessUid } from '@vedette/model'

const device = { uid: 'bench-agent' as AgentId, hostname: 'bench-1' }
const programs = [
  '/usr/bin/bash',
  '/usr/bin/git',
  '/usr/bin/node',
  '/usr/sbin/nginx',
  '/usr/bin/python3',
  '/usr/bin/make',
]

/**
 * A busy innocent host's events: of ten, four programs start, three end, two connections open and one closes. Command
 * lines, pids and addresses differ, since what repeats is cheap to store and to judge.
 */
export function ordinaryEvents(run: string, from: number, count: number, timeMs: number): Event[] {
  return Array.from({ length: count }, (_, i) => ordinaryEvent(run, from + i, timeMs + i / 1000))
}

function ordinaryEvent(run: string, n: number, time: number): Event {
  const base = {
    id: `${device.uid}-${run}-${n}` as EventId,
    time,
    device,
    severity_id: 1 as const,
    metadata: { version: '1.8.0' as const, log_provider: 'ebpf', logged_time: time },
  }
  const process = ordinaryProcess(n, time)
  const place = n % 10
  if (place < 4) {
    const message = `make started ${process.cmd_line}`
    return { ...base, kind: 'process', class_uid: 1007, activity: 'launch', process, message }
  }
  if (place < 7) {
    const message = `${process.name} ended with status 0`
    return {
      ...base,
      kind: 'process',
      class_uid: 1007,
      activity: 'terminate',
      process,
      exit_code: 0,
      message,
    }
  }
  return {
    ...base,
    kind: 'network',
    class_uid: 4001,
    activity: place === 9 ? 'close' : 'open',
    protocol: 'tcp',
    direction: 'outbound',
    src_endpoint: { ip: '10.0.0.5', port: 20_000 + (n % 40_000) },
    dst_endpoint: { ip: `10.1.${n % 250}.${(n >> 3) % 250}`, port: n % 3 === 0 ? 5432 : 443 },
    process,
    message: `${process.name} connected to 10.1.${n % 250}.${(n >> 3) % 250}`,
  }
}

function ordinaryProcess(n: number, time: number): Process {
  const path = programs[n % programs.length] ?? '/usr/bin/true'
  const name = path.slice(path.lastIndexOf('/') + 1)
  const parent = entity(1000 + (n % 50), 'make', '/usr/bin/make', 'make -j4 all', time)
  const shell = entity(900, 'bash', '/usr/bin/bash', '-bash', time)
  return {
    ...entity(
      2000 + (n % 30_000),
      name,
      path,
      `${name} --job ${n} --input /srv/data/${n % 977}/part-${n}.json`,
      time,
    ),
    file: {
      path,
      name,
      hashes: [
        {
          algorithm: 'SHA-256',
          algorithm_id: 3,
          value: (n % programs.length).toString(16).repeat(64).slice(0, 64),
        },
      ],
    },
    working_directory: '/srv/data',
    parent_process: parent,
    ancestry: [parent, shell, entity(1, 'systemd', '/usr/lib/systemd/systemd', '/sbin/init', time)],
    cgroup: '/system.slice/build.service',
  }
}

function entity(pid: number, name: string, path: string, cmdLine: string, time: number): ProcessEntity {
  return {
    uid: `0badcafe-${pid}-${pid * 7}` as ProcessUid,
    pid,
    name,
    path,
    cmd_line: cmdLine,
    user: { uid: '1000', name: 'build' },
    created_time: time,
  }
}
