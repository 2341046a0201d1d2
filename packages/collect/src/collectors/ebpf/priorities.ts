import { type KindName, kindNames } from './kinds.ts'

/** What is told of what happens too fast, by how full its ring may be. */
interface Rank {
  readonly kinds: readonly KindName[]
  /** Of the ring's bytes: beyond, these kinds are not told until the reader has caught up. */
  readonly share: number
}

/** Their records share the ring of exec: they are never behind the bulk. As in bpf/system-records.bpf.h. */
export const vitalKinds: readonly KindName[] = [
  'exec',
  'fork',
  'exit',
  'set_user',
  'set_group',
  'set_capabilities',
  'load_module',
]

/**
 * The order in which kinds are given up when more happens than can be told, the first to go first. What a kind loses by this
 * is counted as lost, as what finds the ring full is. Kinds that are not named here may fill their ring.
 */
export const giveUpOrder: readonly Rank[] = [
  { kinds: ['count_calls', 'send'], share: 0.5 },
  { kinds: ['file', 'path'], share: 0.65 },
  { kinds: ['connect', 'accept', 'listen', 'close', 'bind', 'dns'], share: 0.8 },
  // Of the ring for what is vital the rest is for exec alone.
  { kinds: ['fork', 'exit'], share: 0.9 },
  { kinds: ['set_user', 'set_group', 'set_capabilities', 'load_module'], share: 0.95 },
]

/** Bytes up to which its ring may be full for a kind still to be told. */
export function roomLimits(processRingBytes: number, bulkRingBytes: number): ReadonlyMap<KindName, number> {
  const shares = new Map(giveUpOrder.flatMap(({ kinds, share }) => kinds.map((kind) => [kind, share])))
  return new Map(
    kindNames.map((kind) => {
      const ring = vitalKinds.includes(kind) ? processRingBytes : bulkRingBytes
      return [kind, Math.floor(ring * (shares.get(kind) ?? 1))]
    }),
  )
}
