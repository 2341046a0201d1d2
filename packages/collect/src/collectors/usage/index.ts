import { accessSync, existsSync } from 'node:fs'
import { effectiveCapabilities } from '@vedette/linux'
import type { BlindSpot } from '@vedette/model'
import type { CollectorKind } from '../../collector.ts'
import { SourceCollector } from '../../kernel/source-collector.ts'
import { type UsageConfig, usageSchema } from './config.ts'
import { UsageSource } from './source.ts'

/** What processes, cgroups and the host use of processors, memory, disks, descriptors and sockets. */
export const usage: CollectorKind<UsageConfig> = {
  name: 'usage',
  description: 'processes, cgroups and hosts that use much more of something than they use as a rule',
  schema: usageSchema,
  probe: async ({ enabled }) => {
    if (!enabled)
      return {
        usable: false,
        reason: {
          code: 'usage-off',
          message: 'Use of resources is not watched: collect.usage.enabled is off',
        },
      }
    try {
      accessSync('/proc/self/stat')
      return { usable: true, blindSpots: blindSpots() }
    } catch {
      return { usable: false, reason: { code: 'no-proc', message: 'The file system /proc is not mounted' } }
    }
  },
  open: async (config, { stateFolder }) =>
    new SourceCollector({
      name: 'usage',
      source: new UsageSource(config, stateFolder === undefined ? undefined : `${stateFolder}/habits.json`),
      blindSpots: blindSpots(),
      queueSize: config.queue_size,
    }),
}

function blindSpots(): BlindSpot[] {
  const spots: BlindSpot[] = []
  if (!effectiveCapabilities().has('CAP_SYS_PTRACE')) {
    spots.push({
      code: 'other-users-usage',
      message:
        "Of other users' processes only the use of processors and memory is seen, not disks, descriptors and sockets, " +
        'without CAP_SYS_PTRACE; starting as root would change that',
    })
  }
  if (!existsSync('/proc/pressure')) {
    spots.push({
      code: 'no-pressure',
      message:
        'How long programs wait for processors, memory and disks is not seen: the kernel was built or started without PSI',
    })
  }
  return spots
}
