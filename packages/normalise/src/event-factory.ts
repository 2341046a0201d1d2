import type { Clock } from '@vedette/base'
import type { Device, EventBase, EventId } from '@vedette/model'

const informational = 1

/**
 * Gives each Event what all have. Numbers start at 0 in a run and have no gap, so ask for a base only where an Event
 * will follow.
 */
export class EventFactory {
  readonly #device: Device
  readonly #prefix: string
  readonly #clock: Clock
  readonly #metadata = new Map<string, EventBase['metadata']>()
  #number = 0

  constructor(device: Device, run: string, clock: Clock) {
    this.#device = device
    this.#prefix = `${device.uid}-${run}-`
    this.#clock = clock
  }

  /** How many Events were made. */
  get count(): number {
    return this.#number
  }

  /** Takes the time for the Events of one batch. */
  startBatch(): void {
    this.#metadata.clear()
  }

  /** Gives back the numbers from `count` on, which nobody got. */
  takeBack(count: number): void {
    this.#number = count
  }

  base(timeMs: number, provider: string): EventBase {
    let metadata = this.#metadata.get(provider)
    if (metadata === undefined) {
      metadata = { version: '1.8.0', log_provider: provider, logged_time: this.#clock.now() }
      this.#metadata.set(provider, metadata)
    }
    const number = this.#number
    this.#number += 1
    return {
      id: `${this.#prefix}${number}` as EventId,
      // A source that read a nonsense time must not make an Event that nobody accepts.
      time: Number.isFinite(timeMs) && timeMs > 0 ? timeMs : metadata.logged_time,
      device: this.#device,
      severity_id: informational,
      metadata,
    }
  }
}
