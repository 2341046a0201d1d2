import { readAuditStatus, readProcessStat } from '@vedette/linux'
import type { BlindSpot } from '@vedette/model'
import type { CollectorKind, Probe } from '../../collector.ts'
import { foreignPidNamespace, pollingBlindSpots } from '../../kernel/blind-spots.ts'
import { seenByPolling } from '../../kernel/sees.ts'
import { WorkerCollector } from '../../kernel/worker-collector.ts'
import { procEvents } from '../proc-events/index.ts'
import { type AuditConfig, auditSchema } from './config.ts'
import { auditRules } from './rules.ts'
import { auditedActivities } from './system.ts'

/**
 * Programs and what is asked of the kernel from its audit system, where eBPF is not to be had and no daemon has the audit
 * system. While it is open no daemon can have it: it becomes the receiver of its records.
 */
export const audit: CollectorKind<AuditConfig> = {
  name: 'audit',
  description: "programs started and ended and calls that matter, from the kernel's audit system",
  sees: { each: ['exec', 'fork', 'exit', ...auditedActivities], byLooking: seenByPolling },
  schema: auditSchema,
  probe: async (config) => probe(config),
  open: (config) =>
    WorkerCollector.open({
      name: 'audit',
      worker: new URL('./audit.worker.ts', import.meta.url),
      config,
      blindSpots: blindSpots(),
      queueSize: config.queue_size,
    }),
}

async function probe({ buffer_bytes: bufferBytes }: AuditConfig): Promise<Probe> {
  const foreign = foreignPidNamespace()
  if (foreign) return { usable: false, reason: foreign }
  const reason = whyNot()
  if (reason !== undefined)
    return {
      usable: false,
      reason: { code: 'no-audit', message: `The audit system cannot be used: ${reason}` },
    }
  // It tells of neither forks nor ends: the process connector does.
  const connector = await procEvents.probe(procEvents.schema.parse({ buffer_bytes: bufferBytes }))
  return connector.usable ? { usable: true, blindSpots: blindSpots() } : connector
}

function whyNot(): string | undefined {
  if (auditRules().length === 0) return `the system calls of ${process.arch} are not known`
  try {
    const { enabled, pid } = readAuditStatus()
    // One that was killed is its receiver on paper, until the next record.
    if (pid !== 0 && readProcessStat(pid) !== undefined)
      return `process ${pid} receives its records already (auditd?), and there is one receiver a machine`
    if (enabled === 2) return 'its settings are locked until the machine is started anew'
    return undefined
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return `${text}; it asks for CAP_AUDIT_CONTROL outside of containers, and a kernel with CONFIG_AUDITSYSCALL`
  }
}

function blindSpots(): BlindSpot[] {
  return [
    {
      code: 'audit-rules',
      message:
        'The audit system tells which calls were made, not what memory held: the contents of memory made executable, ' +
        'changes of users and capabilities, signals, keys, work of io_uring, namespaces made together with a process, ' +
        'writes by ptrace and /proc/PID/mem, and what this very process does are not seen; eBPF would see them',
    },
    ...pollingBlindSpots(),
  ]
}
