import { constants } from 'node:os'
import type { AgentSettingsLine } from '@vedette/agent'
import { SharedBpfMap, sinceBootNs } from '@vedette/linux'
import type { PartFailure } from './part.ts'

/** How an agent ended, and by whom, as the next one is told. */
export type AgentEnd = NonNullable<NonNullable<AgentSettingsLine['previous']>['ended_by']>

/** struct end_note of the sensor's signals.bpf.h; bytes. */
const layout = {
  time: 0,
  start: 8,
  pid: 24,
  uid: 28,
  signal: 32,
  parentPid: 36,
  name: 40,
  parentName: 56,
  bytes: 72,
} as const

const NS_PER_TICK = 10_000_000n
/** A signal so long before the end, or before the silence that led to it, has nothing to do with it. */
const RECENT_NS = 60_000_000_000
const stopping = new Set(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'])
const asking = new Set(['SIGTERM', 'SIGINT', 'SIGHUP'])
const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/**
 * What the sensor in the kernel noted of signals to the agent. The map is kept open here: all else that the sensor told of the
 * last moment of an agent dies with it. Nothing is known where the agent has no such sensor.
 */
export class EndNotes implements Disposable {
  #map: SharedBpfMap | undefined
  #pid = 0

  /** Takes the map of a running agent; again from time to time, since its sensor may be started anew. */
  take(pid: number): void {
    try {
      if (this.#map !== undefined && pid === this.#pid && SharedBpfMap.isOpenIn(pid, this.#map.id)) return
      const map = SharedBpfMap.ofProcess(pid, (name) => name === 'end_notes')
      if (map === undefined) return
      this.#map?.[Symbol.dispose]()
      this.#map = map
      this.#pid = pid
    } catch {
      // Without the library, or the right to it, the agent has no such map either.
    }
  }

  /** Who ended or halted the agent, as far as can be said. */
  of(failure: PartFailure): AgentEnd | undefined {
    const note = this.#note()
    const fits =
      note !== undefined &&
      (failure.code === 'part-stuck'
        ? stopping.has(note.signal)
        : failure.signal === undefined
          ? asking.has(note.signal)
          : failure.signal === note.signal)
    if (fits) return note
    return failure.signal === undefined ? undefined : { signal: failure.signal }
  }

  #note(): AgentEnd | undefined {
    const value = this.#map?.get(new Uint8Array(Uint32Array.of(this.#pid).buffer))
    if (value === undefined || value.byteLength < layout.bytes) return undefined
    const view = new DataView(value.buffer)
    if (sinceBootNs() - Number(view.getBigUint64(layout.time, true)) > RECENT_NS) return undefined
    const number = view.getUint32(layout.signal, true)
    return {
      signal: signalNames.get(number) ?? `SIGRTMIN+${number - 34}`,
      process: {
        pid: view.getUint32(layout.pid, true),
        start_ticks: Number(view.getBigUint64(layout.start, true) / NS_PER_TICK),
        name: nameAt(value, layout.name),
        uid: view.getUint32(layout.uid, true),
        parent: { pid: view.getUint32(layout.parentPid, true), name: nameAt(value, layout.parentName) },
      },
    }
  }

  [Symbol.dispose](): void {
    this.#map?.[Symbol.dispose]()
    this.#map = undefined
  }
}

function nameAt(bytes: Uint8Array, at: number): string {
  const text = Buffer.from(bytes.buffer, at, 16)
  const end = text.indexOf(0)
  return text.toString('utf8', 0, end < 0 ? 16 : end)
}
