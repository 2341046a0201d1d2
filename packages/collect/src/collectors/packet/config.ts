import { z } from 'zod'

const MIB = 1 << 20

/** Section `collect.packet` of the configuration: what is seen of the network by its packets. */
export const packetSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'Whether packets are looked at. Off unless asked for: it takes about 50 MiB more memory, and hardly any of a processor while nothing is sent (0.1 %)',
    ),
  interfaces: z
    .array(z.string().regex(/^[^\s/]{1,15}$/, 'expected the name of a network interface'))
    .max(16)
    .default([])
    .describe(
      'Network interfaces of which packets are looked at; none named: all that are up, but for the loopback interface and the ports of bridges and bonds',
    ),
  ignored_ports: z
    .array(z.int().min(1).max(65_535))
    .max(16)
    .default([])
    .describe(
      'Ports whose TCP and UDP is left out already in the kernel, at whichever end: of backups, of storage',
    ),
  ring_bytes: z
    .int()
    .min(MIB)
    .max(256 * MIB)
    .default(4 * MIB)
    .describe('Memory for packets that were not looked at yet, bytes, for each interface'),
  max_flows: z
    .int()
    .min(64)
    .max(1_000_000)
    .default(32_768)
    .describe('Most conversations at a time; the one that was quiet the longest makes room'),
  waiting_bytes: z
    .int()
    .min(64 * 1024)
    .max(1024 * MIB)
    .default(8 * MIB)
    .describe('Memory for bytes of TCP that wait for what was sent before them, bytes'),
  tell_again_s: z
    .int()
    .min(5)
    .max(86_400)
    .default(60)
    .describe('A conversation that goes on is told again after so many seconds'),
  queue_size: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(16_384)
    .describe('Most records that wait for the rest of the agent'),
})

export type PacketConfig = z.output<typeof packetSchema>
