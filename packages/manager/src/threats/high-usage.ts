import { setTimeout as delay } from 'node:timers/promises'
import { totalmem } from 'node:os'
import {
  clockTicksPerSecond,
  KeptProcFile,
  listPids,
  pageBytes,
  parseProcessUsage,
  type ProcessUsage,
  readProcess,
} from '@vedette/linux'
import type { ThreatConfig } from './config.ts'
import { type Threat, threatId } from './threat.ts'

/** Of one processor, and of all memory, from which on a process is told; by sensitivity. */
export const usageLimits = {
  low: { processor: 0.95, memory: 0.6 },
  medium: { processor: 0.8, memory: 0.4 },
  high: { processor: 0.5, memory: 0.25 },
} as const satisfies Readonly<Record<ThreatConfig['threat_sensitivity'], UsageLimits>>

/** Shares, 0 to 1. */
export interface UsageLimits {
  readonly processor: number
  readonly memory: number
}

/** For how long processes are looked at. */
const SAMPLE_MS = 2000
const MOST_PROCESSES = 32_768

interface Sample {
  readonly startTicks: number
  readonly cpuTicks: number
  readonly residentPages: number
}

/**
 * Processes that take much of a processor, or of the memory, while it looks: two seconds. That is no attack by itself, so
 * it says so with little severity; `collect.usage` knows what is usual for a program.
 *
 * @param own a process that is not told: the caller's
 */
export async function highUsage(
  limits: UsageLimits,
  own: number,
  nowMs: number,
  signal?: AbortSignal,
): Promise<Threat[]> {
  const before = sample(own)
  const startedMs = performance.now()
  try {
    await delay(SAMPLE_MS, undefined, { signal })
  } catch {
    return []
  }
  const seconds = (performance.now() - startedMs) / 1000
  const threats: Threat[] = []
  for (const [pid, { startTicks, cpuTicks, residentPages }] of sample(own)) {
    const first = before.get(pid)
    const cores =
      first?.startTicks === startTicks ? (cpuTicks - first.cpuTicks) / clockTicksPerSecond() / seconds : 0
    const memory = (residentPages * pageBytes()) / totalmem()
    if (cores < limits.processor && memory < limits.memory) continue
    const info = readProcess(pid)
    if (info?.startTicks !== startTicks) continue
    const uses = [
      ...(cores >= limits.processor ? [`${(100 * cores).toFixed(0)} % of a processor`] : []),
      ...(memory >= limits.memory ? [`${(100 * memory).toFixed(0)} % of the memory`] : []),
    ].join(' and ')
    const path = info.executable
    threats.push({
      id: threatId('high-resource-usage', `${pid} ${startTicks}`),
      area: 'resource',
      severity: 'low',
      title: `${info.name} (${pid}) uses ${uses}`,
      explanation:
        'A program that takes this much may mine coins, guess passwords or be made to fail. Compilers, backups and databases do the same in earnest.',
      rule: 'high-resource-usage',
      techniques: ['T1496'],
      entity: `program:${path ?? info.name}`,
      time: nowMs,
      process: {
        pid,
        name: info.name,
        ...(path !== undefined && { path }),
        user: String(info.uid),
      },
      evidence: [],
    })
  }
  return threats
}

function sample(own: number): Map<number, Sample> {
  const samples = new Map<number, Sample>()
  const usage: ProcessUsage = {
    cpuTicks: 0,
    threads: 0,
    startTicks: 0,
    residentPages: 0,
    kernelThread: false,
  }
  for (const pid of listPids().slice(0, MOST_PROCESSES)) {
    using file = pid === own ? undefined : KeptProcFile.open(`/proc/${pid}/stat`)
    const text = file?.read()
    usage.kernelThread = false
    if (text === undefined || !parseProcessUsage(text, usage) || usage.kernelThread) continue
    const { startTicks, cpuTicks, residentPages } = usage
    samples.set(pid, { startTicks, cpuTicks, residentPages })
  }
  return samples
}
