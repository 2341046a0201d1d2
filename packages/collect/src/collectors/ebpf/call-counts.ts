import type { BpfMap } from '@vedette/linux'
import type { SystemRecord } from '@vedette/model'
import { callNameOf } from './call-names.ts'

/** As in bpf/counts.bpf.h: start, process id, number of the call. */
const keyLayout = { start: 0, pid: 8, call: 12 } as const

interface Seen {
  sum: number
  /** The reading in which it last changed. */
  changed: number
}

/** After so many readings in which nothing came, a counter is given back: the process rests or has ended. */
const FORGET_AFTER = 6

/**
 * System calls by process and call, from the kernel's counters to records of what was added since the last reading. The
 * counters themselves are never reset while they are in use, so no call between two readings is missed or told twice.
 */
export class CallCounts {
  readonly #map: BpfMap
  readonly #seen = new Map<string, Seen>()
  #reading = 0

  constructor(map: BpfMap) {
    this.#map = map
  }

  /** One record for each process that made calls since the last reading. */
  read(timeMs: number): SystemRecord[] {
    this.#reading += 1
    const found = new Map<string, { pid: number; startTicks: number; calls: Record<string, number> }>()
    const idle: string[] = []
    this.#map.sums((bytes, sum) => {
      const id = Buffer.from(bytes).toString('latin1')
      const seen = this.#seen.get(id)
      const added = sum - (seen?.sum ?? 0)
      if (added === 0) {
        if (seen && this.#reading - seen.changed >= FORGET_AFTER) idle.push(id)
        return
      }
      this.#seen.set(id, { sum, changed: this.#reading })
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const pid = view.getUint32(keyLayout.pid, true)
      const startTicks = Number(view.getBigUint64(keyLayout.start, true) / 10_000_000n)
      const process = `${pid}-${startTicks}`
      const entry = found.get(process) ?? { pid, startTicks, calls: {} }
      const name = callNameOf(view.getUint32(keyLayout.call, true))
      entry.calls[name] = (entry.calls[name] ?? 0) + added
      found.set(process, entry)
    })
    for (const id of idle) this.#forget(id)
    return Array.from(found.values(), ({ pid, startTicks, calls }) => ({
      source: 'ebpf',
      type: 'system',
      timeMs,
      process: { pid, startTicks },
      activity: 'count_calls',
      systemCall: '',
      arguments: calls,
    }))
  }

  /** Gives all counters back. Nobody may count any more. */
  clear(): void {
    for (const id of this.#seen.keys()) this.#forget(id)
  }

  #forget(id: string): void {
    this.#map.delete(Buffer.from(id, 'latin1'))
    this.#seen.delete(id)
  }
}
