import { constants } from 'node:os'
import type { SystemRecord } from '@vedette/model'
import { actor, type Chunk, type DecodeContext, identity, u64 } from './chunk.ts'
import { systemLayout } from './system.ts'

/** As in bpf/signals.bpf.h; places of 64-bit values. */
const value = { signal: 0, code: 1, flags: 2, count: 3, targetUid: 4 } as const
const OTHER_USER = 2
const OWN = 4

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/** How it was sent, by si_code of sigaction(2): SI_USER, SI_QUEUE, SI_TKILL. */
const calls: Readonly<Record<number, string>> = { 0: 'kill', [-1]: 'rt_sigqueueinfo', [-6]: 'tgkill' }

/** A signal of one process to another. */
export function decodeSignal(chunk: Chunk, at: number, context: DecodeContext): SystemRecord {
  const { words } = chunk
  const values = at + (systemLayout.valuesByte >> 2)
  const number = words[values + 2 * value.signal] as number
  const code = (words[values + 2 * value.code] as number) | 0
  const count = u64(words, values + 2 * value.count)
  const flags = words[values + 2 * value.flags] as number
  return {
    source: 'ebpf',
    type: 'system',
    timeMs: context.time(chunk, at),
    process: actor(chunk, at),
    activity: 'signal',
    systemCall: calls[code] ?? 'kill',
    target: identity(words, at + systemLayout.targetPid, at + systemLayout.targetStart),
    arguments: {
      signal: signalNames.get(number) ?? `SIGRTMIN+${number - 34}`,
      ...((flags & OTHER_USER) !== 0 && { target_uid: words[values + 2 * value.targetUid] as number }),
      ...(count > 0 && { count }),
      ...((flags & OWN) !== 0 && { guarded: 'vedette' }),
    },
  }
}

/** A process that removed the file of its own program. */
export function decodeSelfDelete(chunk: Chunk, at: number, context: DecodeContext): SystemRecord {
  const { words, halves } = chunk
  const byte = at * 4
  const length = halves[(byte + systemLayout.textLengthByte + 4) >> 1] as number
  return {
    source: 'ebpf',
    type: 'system',
    timeMs: context.time(chunk, at),
    process: actor(chunk, at),
    activity: 'self_delete',
    systemCall: 'unlink',
    path: context.paths.path(chunk, byte + systemLayout.dataByte, length),
    inode: u64(words, at + (systemLayout.valuesByte >> 2)),
  }
}
