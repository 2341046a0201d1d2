import type {
  AgentId,
  AlertId,
  Detection,
  EventId,
  ProcessEntity,
  ProcessUid,
  RuleId,
  Severity,
  TenantId,
} from '@vedette/model'

export const tenant = '00000000-0000-4000-8000-00000000000a' as TenantId
export const NOON = Date.UTC(2026, 0, 15, 12)

export interface Sketch {
  /** Number of its event within the run; also its id. */
  readonly number: number
  readonly run?: string
  readonly rule?: string
  readonly entity?: string
  readonly host?: string
  readonly time?: number
  readonly points?: number
  readonly severity?: Severity
  /** Names from the process up to the root; a process is known by its place in this path. Empty: no process. */
  readonly path?: readonly string[]
}

/** A detection, described by what correlation looks at. */
export function sampleDetection(sketch: Sketch): Detection {
  const { number, run = '00000000000000aa', rule = 'r1', entity = 'e1', host = 'web-1', time = NOON } = sketch
  const { points = 30, severity = 'high', path = ['sh', 'nginx'] } = sketch
  const device = { uid: `agent-${host}` as AgentId, hostname: host }
  const [subject, ...ancestry] = path.map((name, index) => processOf(host, path.slice(index), name))
  return {
    id: `alert-${host}-${run}-${number}` as AlertId,
    rule: {
      id: rule as RuleId,
      title: `Rule ${rule}`,
      type: 'sigma',
      severity,
      explanation: 'why',
      techniques: [],
      falsePositives: [],
      riskPoints: points,
      file: 'rule.yml',
    },
    time,
    device,
    ...(subject && { process: { ...subject, ancestry } }),
    title: `${path[0] ?? entity} did ${rule}`,
    events: [
      {
        kind: 'log',
        class_uid: 0,
        id: `${device.uid}-${run}-${number}` as EventId,
        time,
        device,
        severity_id: 1,
        metadata: { version: '1.8.0', log_provider: 'file', logged_time: time },
        message: 'm',
        path: '/var/log/x',
      },
    ],
    eventCount: 1,
    matches: [],
    entity,
  }
}

function processOf(host: string, path: readonly string[], name: string): ProcessEntity {
  const key = [...path].reverse().join('>')
  let pid = 7
  for (const character of `${host}${key}`) pid = (pid * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return { uid: `boot-${host}-${key}` as ProcessUid, pid: pid + 100, name }
}
