import { randomBytes, randomInt } from 'node:crypto'
import { effectiveCapabilities, listNetworkInterfaces } from '@vedette/linux'
import type { BlindSpot } from '@vedette/model'
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
      blindSpots: blindSpots(config),
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
  if (listNetworkInterfaces().length === 0)
    return unusable('no-interfaces', 'Packets cannot be looked at: /sys/class/net names no network interface')
  return { usable: true, blindSpots: blindSpots(config) }
}

function blindSpots(config: PacketConfig): readonly BlindSpot[] {
  const seen = chosenInterfaces(listNetworkInterfaces(), config)
  const missing = config.interfaces.filter((name) => !seen.some((one) => one.name === name))
  const { ignored_ports: ports } = config
  return [
    ...missing.map((name) => ({
      code: 'interface-missing',
      message: `Packets of ${name} are not seen: there is no such interface, it is not up, or its kind is not known; it is looked for every 10 s`,
    })),
    ...(ports.length === 0
      ? []
      : [
          {
            code: 'ports-ignored',
            message: `Packets from and to port ${ports.join(', ')} are not looked at: the configuration says so (collect.packet.ignored_ports)`,
          },
        ]),
  ]
}

function unusable(code: string, message: string): Probe {
  return { usable: false, reason: { code, message } }
}
