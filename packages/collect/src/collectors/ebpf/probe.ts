import { readFileSync } from 'node:fs'
import { BpfObject, effectiveCapabilities } from '@vedette/linux'
import { CodedError } from '@vedette/base'
import type { BlindSpot } from '@vedette/model'
import type { Probe } from '../../collector.ts'
import { foreignPidNamespace } from '../../kernel/blind-spots.ts'
import { blindSpots } from './blind-spots.ts'
import type { EbpfConfig } from './config.ts'
import { optional, sensorFile } from './sensor.ts'

/** Loads the sensor's programs, lets the kernel verify them, and throws them away again. */
export function probeEbpf(config: EbpfConfig): Probe {
  const lack = lacking()
  if (lack) return { usable: false, reason: lack }
  try {
    BpfObject.load({ file: sensorFile(), optional, without: ['system_call'] })[Symbol.dispose]()
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'bpf-load'
    return {
      usable: false,
      reason: { code, message: error instanceof Error ? error.message : String(error) },
    }
  }
  return { usable: true, blindSpots: blindSpots(config, [], false) }
}

/** What is plainly missing, said more clearly than by the error that it would lead to. */
function lacking(): BlindSpot | undefined {
  const capabilities = effectiveCapabilities()
  const needed = (['CAP_BPF', 'CAP_PERFMON'] as const).filter((name) => !capabilities.has(name))
  if (needed.length > 0 && !capabilities.has('CAP_SYS_ADMIN')) {
    return {
      code: 'not-root',
      message: `The kernel cannot be watched by eBPF without ${needed.join(' and ')}: start as root, or grant them`,
    }
  }
  const foreign = foreignPidNamespace()
  if (foreign) return foreign
  if (read('/sys/kernel/btf/vmlinux', 4) === undefined) {
    return {
      code: 'no-btf',
      message:
        'The kernel does not describe its types in /sys/kernel/btf/vmlinux, so eBPF cannot be used: it needs CONFIG_DEBUG_INFO_BTF',
    }
  }
  if (read('/sys/kernel/security/lockdown', 100)?.includes('[confidentiality]')) {
    return {
      code: 'lockdown',
      message: 'Kernel lockdown in confidentiality mode forbids eBPF programs to read kernel memory',
    }
  }
  return undefined
}

function read(path: string, bytes: number): string | undefined {
  try {
    return readFileSync(path).subarray(0, bytes).toString()
  } catch {
    return undefined
  }
}
