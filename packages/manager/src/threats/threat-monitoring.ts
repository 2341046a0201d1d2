import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { BoundedQueue, type Logger } from '@vedette/base'
import type { ThreatConfig } from './config.ts'
import type { Threat } from './threat.ts'
import type { ThreatLog } from './threat-log.ts'
import type { ThreatScanResult } from './threat-scan.ts'

export interface ThreatMonitoringOptions {
  readonly intervalMs: number
  readonly config: ThreatConfig
  readonly configPath?: string
  readonly readConfig: () => ThreatConfig
  readonly scan: (
    config: ThreatConfig,
    before: ThreatScanResult | undefined,
    signal: AbortSignal,
  ) => Promise<ThreatScanResult>
  readonly log: ThreatLog | undefined
  readonly logger: Logger
}

/** Threats that wait to be taken. Those beyond are in the log alone. */
const MOST_WAITING = 1000
/** How often it is looked whether the configuration was changed. */
const CONFIG_MS = 500

/** Scans that follow each other. Iterated once, by one; whoever started them stops them (`await using` does). */
export class ThreatMonitoring implements AsyncDisposable, AsyncIterable<Threat> {
  readonly #options: ThreatMonitoringOptions
  readonly #stop = new AbortController()
  readonly #queue = new BoundedQueue<Threat>(MOST_WAITING)
  readonly #running: Promise<void>
  #config: ThreatConfig
  #version: string
  #before: ThreatScanResult | undefined
  #scans = 0

  constructor(options: ThreatMonitoringOptions) {
    this.#options = options
    this.#config = options.config
    this.#version = this.#versionOfConfig()
    this.#running = this.#run()
  }

  /** Scans that came to their end. */
  get scans(): number {
    return this.#scans
  }

  /** Threats that nobody took in time. */
  get lost(): number {
    return this.#queue.counters.lost
  }

  /** Each threat when it is found, until monitoring stops. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Threat> {
    for await (const batch of this.#queue.batches()) yield* batch
  }

  /** Ends the scan that goes on, if one does. May be called twice. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { intervalMs, logger, log } = this.#options
    while (!signal.aborted) {
      const startedMs = performance.now()
      try {
        const result = await this.#options.scan(this.#config, this.#before, signal)
        const present = new Set(this.#before?.threats.map(({ id }) => id))
        const fresh = result.threats.filter(({ id }) => !present.has(id))
        log?.append(result.summary, fresh)
        this.#before = result
        for (const threat of fresh) this.#queue.offer(threat)
        this.#scans += 1
      } catch (error) {
        if (!signal.aborted) logger.error({ error }, 'a scan for threats failed')
      }
      await this.#pause(startedMs + intervalMs)
    }
    log?.[Symbol.dispose]()
    this.#queue.close()
  }

  /** Until then, or until the configuration was changed. */
  async #pause(untilMs: number): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted && performance.now() < untilMs) {
      const leftMs = Math.max(1, untilMs - performance.now())
      await delay(Math.min(CONFIG_MS, leftMs), undefined, { signal }).catch(() => undefined)
      const version = this.#versionOfConfig()
      if (version === this.#version) continue
      this.#version = version
      try {
        this.#config = this.#options.readConfig()
        return
      } catch (error) {
        this.#options.logger.error({ error }, 'the configuration cannot be used, the one before goes on')
      }
    }
  }

  #versionOfConfig(): string {
    const { configPath } = this.#options
    if (configPath === undefined) return ''
    try {
      const { ino, mtimeNs, size } = statSync(configPath, { bigint: true })
      return `${ino} ${mtimeNs} ${size}`
    } catch {
      return 'missing'
    }
  }
}
