import type { BpfMap } from '@vedette/linux'
import { callNameOf } from './call-names.ts'

/** Whose calls are followed: a process, or all in a cgroup of the unified hierarchy (by its id, the inode's number). */
export type Followed = { readonly pid: number } | { readonly cgroupId: number }

/** The last system calls of somebody who is followed. */
export interface CallSequence {
  /** How many were made since it is followed. */
  readonly count: number
  /** Names of the last 256 at most, the oldest first. */
  readonly calls: readonly string[]
}

const LENGTH = 256
const OF_CGROUP = 1n << 63n

/** The kernel's short memories of calls: bpf/counts.bpf.h. */
export class CallSequences {
  readonly #map: BpfMap
  readonly #followed: Uint32Array

  constructor(map: BpfMap, followed: Uint32Array) {
    this.#map = map
    this.#followed = followed
  }

  get size(): number {
    return this.#followed[0] ?? 0
  }

  /** @throws {CodedError} `bpf-map-full` when 64 are followed */
  follow(of: Followed): void {
    const key = keyOf(of)
    if (this.#map.get(key)) return
    this.#map.set(key, new Uint8Array(this.#map.valueSize))
    this.#followed[0] = this.size + 1
  }

  unfollow(of: Followed): void {
    if (this.#map.delete(keyOf(of))) this.#followed[0] = this.size - 1
  }

  read(of: Followed): CallSequence {
    const value = this.#map.get(keyOf(of))
    if (!value) return { count: 0, calls: [] }
    const view = new DataView(value.buffer)
    const count = Number(view.getBigUint64(0, true))
    const calls: string[] = []
    for (let place = Math.max(0, count - LENGTH); place < count; place += 1)
      calls.push(callNameOf(view.getUint16(8 + 2 * (place % LENGTH), true)))
    return { count, calls }
  }
}

function keyOf(of: Followed): Uint8Array {
  const key = new DataView(new ArrayBuffer(8))
  key.setBigUint64(0, 'pid' in of ? BigInt(of.pid) : BigInt(of.cgroupId) | OF_CGROUP, true)
  return new Uint8Array(key.buffer)
}
