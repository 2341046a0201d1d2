import { type BpfMap, type BpfObject, SystemCallError, TraceFolder } from '@vedette/linux'
import { watchableCalls } from './kind-calls.ts'

/**
 * The program `named_call`, at the end of the system calls that are watched: each has a tracepoint of its own, and the rest
 * of them pay next to nothing.
 */
export class NamedCalls {
  readonly #object: BpfObject
  readonly #events: BpfMap
  /** Numbers of the tracepoints, by name, in the order of `watchableCalls`. */
  readonly #ids: readonly (number | undefined)[]
  readonly #watched = new Set<number>()
  readonly #missing = new Set<number>()

  /** @throws {SystemCallError} where the tracepoints of this host cannot be found: `TraceFolder` */
  constructor(object: BpfObject) {
    this.#object = object
    this.#events = object.map('call_events')
    using folder = new TraceFolder()
    this.#ids = watchableCalls.map((name) => folder.idOf(`syscalls/sys_exit_${name}`))
  }

  /** Watches these calls and no others. @throws {SystemCallError} */
  watch(names: ReadonlySet<string>): void {
    for (const [slot, name] of watchableCalls.entries()) {
      if (names.has(name)) {
        if (!this.#watched.has(slot)) this.#missing.add(slot)
        continue
      }
      this.#missing.delete(slot)
      if (this.#watched.delete(slot)) this.#events.delete(keyOf(slot))
    }
    this.settle()
  }

  /**
   * Watches what could not be yet: a call that was given up a moment ago is only free when the kernel is done with that,
   * and until then it is still watched. Nothing to do, mostly.
   */
  settle(): void {
    for (const slot of this.#missing) {
      const id = this.#ids[slot]
      try {
        if (id !== undefined) this.#object.attachTracepoint('named_call', id, this.#events, slot)
      } catch (error) {
        if (error instanceof SystemCallError && error.code === 'EEXIST') continue
        throw error
      }
      this.#missing.delete(slot)
      this.#watched.add(slot)
    }
  }
}

function keyOf(slot: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(slot).buffer)
}
