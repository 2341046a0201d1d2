import { randomBytes, randomInt } from 'node:crypto'
import { effectiveCapabilities, listNetworkInterfaces } from '@vedette/linux'
import type { CollectorKind, Probe } from '../../collector.ts'
import { WorkerCollector } from '../../kernel/worker-collector.ts'
import { type PacketConfig, packetSchema } from './config.ts'
import { chosenInterfaces } from './interfaces.ts'
import type { PacketSourceConfig } from './source.ts'

/** Conversations of the network, by their packets. */
export const packet: CollectorKind<PacketConfig> = {
  name: 'packet',
  description: 'conversations of the network and what is said in them, from packets',
  schema: packetSchema,
  probe: async (config) => probe(config),
  open: (config) =>
    WorkerCollector.open({
      name: 'packet',
      worker: new URL('./packet.worker.ts', import.meta.url),
      config: {
        ...config,
        run: randomBytes(8).toString('hex'),
        salt: randomInt(2 ** 32),
      } satisfies PacketSourceConfig,
      blindSpots: [],
      queueSize: config.queue_size,
    }),
}

function probe(config: PacketConfig): Probe {
  if (!config.enabled)
    return unusable(
      'packets-off',
      'Packets are not looked at: the configuration says so (collect.packet.enabled)',
    )
  if (!effectiveCapabilities().has('CAP_NET_RAW'))
    return unusable('packets-not-allowed', 'Packets cannot be looked at: that asks for CAP_NET_RAW')
  const all = listNetworkInterfaces()
  if (all.length === 0)
    return unusable('no-interfaces', 'Packets cannot be looked at: /sys/class/net names no network interface')
  const seen = chosenInterfaces(all, config)
  const missing = config.interfaces.filter((name) => !seen.some((one) => one.name === name))
  return {
    usable: true,
    blindSpots: missing.map((name) => ({
      code: 'interface-missing',
      message: `Packets of ${name} are not seen: there is no such interface, or it is not up; it is looked for every 10 s`,
    })),
  }
}

function unusable(code: string, message: string): Probe {
  return { usable: false, reason: { code, message } }
}
