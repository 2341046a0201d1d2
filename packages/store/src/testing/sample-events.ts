import type { AgentId, Event, EventBatch, EventId, ProcessUid, TenantId } from '@vedette/model'

export const tenantA = '00000000-0000-4000-8000-00000000000a' as TenantId
export const tenantB = '00000000-0000-4000-8000-00000000000b' as TenantId
export const agentA = 'agent-a' as AgentId

/** Noon of a day in 2026; tests put their events around it. */
export const NOON = Date.UTC(2026, 0, 15, 12)

/** A program was started: event `number` of a run. */
export function launch(number: number, changes: Partial<ProcessLaunch> = {}): Event {
  const {
    agent = agentA,
    run = '0123456789abcdef',
    time = NOON + number,
    cmdLine = `curl -s ${number}`,
  } = changes
  const { uid = `abcdef01-${number}-${number * 3}`, parent = 'abcdef01-1-1' } = changes
  return {
    id: `${agent}-${run}-${number}` as EventId,
    time,
    kind: 'process',
    class_uid: 1007,
    activity: 'launch',
    severity_id: 1,
    device: { uid: agent, hostname: 'web-1' },
    metadata: { version: '1.8.0', log_provider: 'ebpf', logged_time: time },
    process: {
      uid: uid as ProcessUid,
      pid: number,
      name: 'curl',
      path: '/usr/bin/curl',
      cmd_line: cmdLine,
      user: { uid: '0', name: 'root' },
      parent_process: { uid: parent as ProcessUid, pid: 1, name: 'bash' },
    },
  }
}

interface ProcessLaunch {
  readonly agent: AgentId
  readonly run: string
  readonly time: number
  readonly cmdLine: string
  readonly uid: string
  readonly parent: string
}

/** Batch `sequence` of a run: `size` events numbered on from `sequence * size`. */
export function batch(sequence: number, size = 3, run = '0123456789abcdef', agent = agentA): EventBatch {
  return {
    run,
    sequence,
    events: Array.from({ length: size }, (_, index) => launch(sequence * size + index, { run, agent })),
  }
}
