import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Clock, type Logger, silentLogger, systemClock } from '@vedette/base'
import { loadConfiguredRules, type LoadedRules } from '@vedette/detect'
import { loadHuntIndicators } from '../hunt/hunt-indicators.ts'
import { detectionOf, readThreatConfig, type ThreatConfig } from './config.ts'
import type { Threat } from './threat.ts'
import { ThreatLog } from './threat-log.ts'
import { ThreatMonitoring } from './threat-monitoring.ts'
import {
  ThreatScan,
  type ThreatScanOptions,
  type ThreatScanResult,
  type ThreatScanSummary,
} from './threat-scan.ts'

export interface ThreatDetectorOptions {
  /** Folder of the encrypted log; made, 0700. Default: no log is kept. */
  readonly logDir?: string
  /** JSON or YAML file with `max_failed_logins`, `suspicious_ports` ...; read for every scan. Default: its defaults. */
  readonly configPath?: string
  /** File of the log's key; made, 0600. Default: `vedette/security-events.key` in `$XDG_CONFIG_HOME` or `~/.config`. */
  readonly keyPath?: string
  /** Logs in which failed logins are looked for. Default: /var/log/auth.log and /var/log/secure. */
  readonly logFiles?: readonly string[]
  /** Lists of indicators that everything is compared with, in any form that `vedette indicators import` reads. */
  readonly indicatorFiles?: readonly string[]
  /** Files and folders that YARA looks into, besides the programs that run. Default: /tmp, /var/tmp and /dev/shm. */
  readonly scanPaths?: readonly string[]
  readonly log?: Logger
  readonly clock?: Clock
}

const DEFAULT_LOGS = ['/var/log/auth.log', '/var/log/secure']
const DEFAULT_SCAN_PATHS = ['/tmp', '/var/tmp', '/dev/shm']

/**
 * Looks over this machine, now or every so often, with nothing else running: programs, ports and connections, failed
 * logins, high use of resources, files. It judges what is there by the rules that `vedette up` uses. What comes and goes
 * between two looks `SecurityManager` sees.
 */
export class ThreatDetector {
  readonly #options: ThreatDetectorOptions
  readonly #clock: Clock
  readonly #log: Logger
  #rules: { readonly key: string; readonly loaded: LoadedRules } | undefined
  #lastScan: ThreatScanSummary | undefined

  /** Does nothing yet: files are read, and made, by the first scan. */
  constructor(options: ThreatDetectorOptions = {}) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLogger
  }

  /** What the last scan that came to its end looked at. */
  get lastScan(): ThreatScanSummary | undefined {
    return this.#lastScan
  }

  /**
   * One look over everything. The worst threat comes first.
   *
   * @throws {ConfigError} when the configuration cannot be used
   * @throws {CodedError} when the log cannot be written, see `ThreatLog`; then nothing was scanned
   */
  async runComprehensiveThreatScan(options: ThreatScanOptions = {}): Promise<readonly Threat[]> {
    const config = this.#config()
    // Before anything is looked at: a scan that cannot be kept is none.
    using log = this.#openLog()
    const { threats, summary } = await this.#scan(config, options)
    log?.append(summary, threats)
    return threats
  }

  /**
   * Looks again and again, until what is returned is stopped. What is found is told once, and again when it was gone in
   * between. A change of the configuration is in force within a second; one that cannot be used is told in the program's
   * log, and the one before goes on.
   *
   * @throws as `runComprehensiveThreatScan`
   */
  startContinuousMonitoring({ intervalS = 30 }: { readonly intervalS?: number } = {}): ThreatMonitoring {
    if (!(intervalS >= 1 && intervalS <= 86_400)) {
      throw new RangeError(`intervalS must be between 1 and 86,400 seconds, got ${intervalS}`)
    }
    const config = this.#config()
    return new ThreatMonitoring({
      intervalMs: intervalS * 1000,
      config,
      ...(this.#options.configPath !== undefined && { configPath: this.#options.configPath }),
      readConfig: () => this.#config(),
      scan: (current, before, signal) => this.#scan(current, { signal }, before),
      log: this.#openLog(),
      logger: this.#log,
    })
  }

  #config(): ThreatConfig {
    return readThreatConfig(this.#options.configPath)
  }

  #openLog(): ThreatLog | undefined {
    const { logDir, keyPath } = this.#options
    return logDir === undefined ? undefined : new ThreatLog(resolve(logDir), keyPath ?? defaultThreatLogKey())
  }

  async #scan(
    config: ThreatConfig,
    options: ThreatScanOptions,
    before?: ThreatScanResult,
  ): Promise<ThreatScanResult> {
    options.progress?.({ step: 'rules', threats: 0 })
    const { indicatorFiles, logFiles = DEFAULT_LOGS, scanPaths = DEFAULT_SCAN_PATHS } = this.#options
    const indicators = await loadHuntIndicators(
      indicatorFiles === undefined ? {} : { indicators: { paths: indicatorFiles, nowMs: this.#clock.now() } },
      this.#clock,
    )
    const rules = await this.#loadRules(config)
    const targets = { config, rules, indicators, logFiles, scanPaths, ...(before && { before }) }
    const result = await new ThreatScan(targets, options, this.#clock, this.#log).run()
    this.#lastScan = result.summary
    return result
  }

  async #loadRules(config: ThreatConfig): Promise<LoadedRules> {
    const key = JSON.stringify(config)
    if (this.#rules?.key !== key) {
      this.#rules = { key, loaded: await loadConfiguredRules(detectionOf(config)) }
    }
    return this.#rules.loaded
  }
}

/** Where the key of a log lies when nobody says otherwise. */
export function defaultThreatLogKey(): string {
  const { XDG_CONFIG_HOME: config } = process.env
  const folder = config?.startsWith('/') === true ? config : join(homedir(), '.config')
  return join(folder, 'vedette', 'security-events.key')
}
