import type { Alert, AlertId, ProcessUid, RuleId, Severity } from '@vedette/model'
import { agentA, launch, NOON, tenantA } from './sample-events.ts'

/** An alert of a rule about `curl`, on web-1. */
export function sampleAlert(id: string, changes: Partial<Alert> & { severity?: Severity } = {}): Alert {
  const { severity = 'high', ...rest } = changes
  return {
    id: id as AlertId,
    tenant: tenantA,
    rule: {
      id: 'download-to-shell' as RuleId,
      title: 'Download piped into a shell',
      type: 'sigma',
      severity,
      explanation: 'A program fetched a script and ran it at once.',
      techniques: [{ id: 'T1059.004', name: 'Unix Shell', tactics: ['execution'] }],
      falsePositives: [],
      riskPoints: 40,
      file: 'content/rules/download-to-shell.yml',
    },
    title: 'curl was piped into sh',
    time: NOON,
    lastSeen: NOON,
    count: 1,
    status: 'open',
    device: { uid: agentA, hostname: 'web-1' },
    process: { uid: 'abcdef01-10-30' as ProcessUid, pid: 10, name: 'curl', cmd_line: 'curl -s 10 | sh' },
    entity: 'process:curl',
    events: [launch(10)],
    eventCount: 1,
    matches: [{ event: launch(10).id, field: 'process.cmd_line', value: 'curl -s 10', start: 0, length: 4 }],
    fingerprint: 'f'.repeat(32),
    risk: 40,
    ...rest,
  }
}
