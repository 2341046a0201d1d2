import type { Clock, Logger } from '@vedette/base'
import type { Usage } from '@vedette/linux'
import type { HostUsage } from '@vedette/model'

/** The first look is compared with the start so soon, so that a host that was just enrolled is not without figures. */
const FIRST_MS = 1000

export interface UsageSamplerOptions {
  readonly intervalMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly read: () => Usage
  /** Told of each look. */
  readonly onSample: (usage: HostUsage) => void
}

/** Looks at the host's processors, memory and disk, a second after the start and then once an interval. */
export class UsageSampler implements Disposable {
  readonly #options: UsageSamplerOptions
  #before: Usage | undefined
  #beforeMs: number
  #latest: HostUsage | undefined
  #timer: NodeJS.Timeout

  constructor(options: UsageSamplerOptions) {
    this.#options = options
    this.#before = this.#read()
    this.#beforeMs = options.clock.monotonic()
    this.#timer = setTimeout(() => this.#tick(), Math.min(FIRST_MS, options.intervalMs))
  }

  /** The last look; undefined before the first. */
  get latest(): HostUsage | undefined {
    return this.#latest
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #tick(): void {
    const { intervalMs, clock, onSample } = this.#options
    this.#timer = setTimeout(() => this.#tick(), intervalMs)
    const before = this.#before
    const now = this.#read()
    this.#before = now
    if (now === undefined || before === undefined) return
    const { cpuTicks, diskReadBytes, diskWrittenBytes, ...figures } = now
    const nowMs = clock.monotonic()
    const seconds = Math.max(0.001, (nowMs - this.#beforeMs) / 1000)
    this.#beforeMs = nowMs
    const perSecond = (bytes: number) => Math.round(Math.max(0, bytes) / seconds)
    const total = cpuTicks.total - before.cpuTicks.total
    // The kernel's sum of idle time may step back a little on some machines.
    const busy = Math.max(0, cpuTicks.busy - before.cpuTicks.busy)
    this.#latest = {
      time: clock.now(),
      cpuPercent: total > 0 ? Math.min(100, (100 * busy) / total) : 0,
      ...figures,
      diskReadBytesPerS: perSecond(diskReadBytes - before.diskReadBytes),
      diskWriteBytesPerS: perSecond(diskWrittenBytes - before.diskWrittenBytes),
    }
    onSample(this.#latest)
  }

  #read(): Usage | undefined {
    try {
      return this.#options.read()
    } catch (error) {
      this.#options.log.warn({ error }, 'the use of the host could not be read')
      return undefined
    }
  }
}
