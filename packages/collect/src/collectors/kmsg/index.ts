import { closeSync, constants, openSync } from 'node:fs'
import type { CollectorKind, Probe } from '../../collector.ts'
import { isIdle, KMSG, KmsgCollector } from './collector.ts'
import { type KmsgConfig, kmsgSchema } from './config.ts'

/** Messages of the kernel's log. */
export const kmsg: CollectorKind<KmsgConfig> = {
  name: 'kmsg',
  description: "messages of the kernel's log, where neither the journal nor a syslog daemon holds them",
  schema: kmsgSchema,
  probe: async (config) => probe(config),
  open: async (config, context) => new KmsgCollector(config, context),
}

function probe(config: KmsgConfig): Probe {
  if (isIdle(config)) return { usable: true, blindSpots: [] }
  try {
    closeSync(openSync(KMSG, constants.O_RDONLY | constants.O_NONBLOCK))
    return { usable: true, blindSpots: [] }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'EPERM' || code === 'EACCES' ? 'that asks for CAP_SYSLOG' : `${KMSG} answers ${String(code)}`
    return {
      usable: false,
      reason: {
        code: 'kernel-log-not-allowed',
        message: `What the kernel writes to its log (crashes, devices, refused modules) is not seen: ${why}`,
      },
    }
  }
}
