import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Clock, Logger } from '@vedette/base'
import { presentRecords } from '@vedette/collect'
import { createEngine, type LoadedRules } from '@vedette/detect'
import { bootId } from '@vedette/linux'
import { type AgentId, compareSeverity, type Event, type KernelRecord, type RawRecord } from '@vedette/model'
import { createNormaliser, type Normaliser, normaliseConfigSchema } from '@vedette/normalise'
import type { HuntIndicators } from '../hunt/hunt-indicators.ts'
import { scanPaths } from '../scan/scan-paths.ts'
import type { ThreatConfig } from './config.ts'
import { highUsage, usageLimits } from './high-usage.ts'
import { recentLines } from './recent-lines.ts'
import { type Threat, threatId, threatOf } from './threat.ts'

/** What a scan is at. */
export type ThreatScanStep = 'rules' | 'processes' | 'logins' | 'resources' | 'files'

export interface ThreatScanProgress {
  readonly step: ThreatScanStep
  /** While files are searched: how many were, and the last of them. */
  readonly files?: number
  readonly path?: string
  readonly threats: number
}

export interface ThreatScanOptions {
  readonly progress?: (progress: ThreatScanProgress) => void
  /** An aborted scan throws the signal's reason. */
  readonly signal?: AbortSignal
}

/** What a scan looked at. */
export interface ThreatScanSummary {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly seconds: number
  readonly rules: number
  readonly processes: number
  /** Ports that are listened on, and connections. */
  readonly sockets: number
  readonly logLines: number
  readonly files: number
  /** Whether all files were searched in time. */
  readonly filesComplete: boolean
  readonly threats: number
  /** What could not be looked at, and why: sentences for people. */
  readonly unseen: readonly string[]
}

export interface ThreatScanResult {
  readonly threats: readonly Threat[]
  readonly summary: ThreatScanSummary
}

/** What is looked for, and where. */
export interface ThreatScanTargets {
  readonly config: ThreatConfig
  readonly rules: LoadedRules
  readonly indicators: HuntIndicators | undefined
  readonly logFiles: readonly string[]
  readonly scanPaths: readonly string[]
  /** The scan before: files that have not changed since are not searched again. */
  readonly before?: ThreatScanResult
}

const BATCH_RECORDS = 2000
const LOCAL_AGENT = 'local' as AgentId
const DAY_MS = 86_400_000
const MOST_UNSEEN = 100
/** The search of files ends after so long; programs that run come first. */
const FILES_MS = 30_000

/** One look over this machine: what was found, and what was looked at. Made for one use. */
export class ThreatScan {
  readonly #targets: ThreatScanTargets
  readonly #options: ThreatScanOptions
  readonly #clock: Clock
  readonly #log: Logger
  readonly #found = new Map<string, Threat>()
  readonly #unseen: string[] = []

  constructor(targets: ThreatScanTargets, options: ThreatScanOptions, clock: Clock, log: Logger) {
    this.#targets = targets
    this.#options = options
    this.#clock = clock
    this.#log = log
  }

  /** The worst threat comes first. */
  async run(): Promise<ThreatScanResult> {
    const { signal } = this.#options
    const { config, rules } = this.#targets
    const startedAt = this.#clock.now()
    const startedMs = this.#clock.monotonic()

    this.#step('processes')
    const present = presentRecords(startedAt).filter((record) => record.process.pid !== process.pid)
    const programs = present.filter((record) => record.type === 'exec')
    if (process.getuid?.() !== 0) {
      this.#unseen.push(
        "Of other users' processes neither the program nor its connections are seen: start as root",
      )
    }
    using normaliser = this.#normaliser()
    await this.#judge(normaliser, present, 0)
    signal?.throwIfAborted()

    this.#step('logins')
    const lines = this.#logLines(startedAt)
    await this.#judge(normaliser, lines, startedAt - DAY_MS)
    signal?.throwIfAborted()

    this.#step('resources')
    const busy = await highUsage(usageLimits[config.threat_sensitivity], process.pid, startedAt, signal)
    for (const threat of busy) this.#add(threat)
    signal?.throwIfAborted()

    this.#step('files')
    const files = await this.#searchFiles(programs)
    signal?.throwIfAborted()

    const threats = [...this.#found.values()].sort(
      (a, b) => compareSeverity(b.severity, a.severity) || a.title.localeCompare(b.title),
    )
    return {
      threats,
      summary: {
        startedAt,
        seconds: (this.#clock.monotonic() - startedMs) / 1000,
        rules: rules.rules.length + rules.correlations.length,
        processes: programs.length,
        sockets: present.length - programs.length,
        logLines: lines.length,
        ...files,
        threats: threats.length,
        unseen: this.#unseen.slice(0, MOST_UNSEEN),
      },
    }
  }

  #normaliser(): Normaliser {
    return createNormaliser({
      device: { uid: LOCAL_AGENT, hostname: hostname() },
      bootId: bootId(),
      run: randomBytes(8).toString('hex'),
      config: normaliseConfigSchema.parse({}),
      clock: this.#clock,
      log: this.#log,
    })
  }

  /** @param fromMs what is older is left out, milliseconds since the epoch */
  async #judge(normaliser: Normaliser, records: readonly RawRecord[], fromMs: number): Promise<void> {
    const { rules, indicators } = this.#targets
    const engine = createEngine(rules.rules, {
      clock: this.#clock,
      log: this.#log,
      correlations: rules.correlations,
    })
    const events: Event[] = []
    for (let at = 0; at < records.length; at += BATCH_RECORDS) {
      if (this.#options.signal?.aborted === true) return
      const batch = await normaliser.normalise(records.slice(at, at + BATCH_RECORDS))
      for (const event of batch) if (event.time >= fromMs) events.push(event)
    }
    // Rules that count want them in order.
    events.sort((a, b) => a.time - b.time)
    for (const detection of engine.evaluate(events)) this.#add(threatOf(detection))
    for (const event of indicators === undefined ? [] : events) {
      indicators?.search(event, (place) => {
        const rule = indicators.ruleAt(place)
        if (rule === undefined) return
        const { title, id } = rule
        this.#add(threatOf({ rule, title, entity: `indicator:${id}`, time: event.time, events: [event] }))
      })
    }
  }

  #logLines(nowMs: number): RawRecord[] {
    const { logFiles } = this.#targets
    if (!logFiles.some((path) => existsSync(path))) {
      this.#unseen.push(`No log of logins is there: ${logFiles.join(', ')}`)
    }
    return recentLines(logFiles, nowMs, (path, reason) => {
      this.#unseen.push(`${path} cannot be read: ${reason}`)
    })
  }

  async #searchFiles(
    programs: readonly KernelRecord[],
  ): Promise<Pick<ThreatScanSummary, 'files' | 'filesComplete'>> {
    const { progress, signal } = this.#options
    const running = programs.flatMap((record) => (record.type === 'exec' ? [record.executable] : []))
    const wanted = [...running.filter((path) => path.startsWith('/')), ...this.#targets.scanPaths]
    const paths = [...new Set(wanted)].filter((path) => existsSync(path))
    const before = this.#targets.before?.summary.filesComplete === true ? this.#targets.before : undefined
    if (paths.length === 0) return { files: 0, filesComplete: true }
    const enough = AbortSignal.timeout(FILES_MS)
    for (const threat of before?.threats ?? []) {
      if (threat.file !== undefined && !hasChangedSince(threat.file.path, before?.summary.startedAt ?? 0)) {
        this.#add(threat)
      }
    }
    const summary = await scanPaths(
      { paths, log: this.#log, ...(before && { changedSinceMs: before.summary.startedAt }) },
      {
        loaded: ({ problems }) => {
          if (problems.length > 0) this.#unseen.push(`${problems.length} YARA rules cannot be used`)
        },
        found: ({ path, rule, ruleName, sha256 }) =>
          this.#add({
            id: threatId(rule.id, `${path} ${sha256}`),
            area: 'file',
            severity: rule.severity,
            title: `${rule.title}: ${path}`,
            explanation: rule.explanation,
            rule: rule.id,
            techniques: rule.techniques.map(({ id }) => id),
            entity: `file:${path}`,
            time: this.#clock.now(),
            file: { path, sha256, rule: ruleName },
            evidence: [],
          }),
        unscanned: (path, outcome, reason) => {
          if (outcome !== 'too-large') this.#unseen.push(`${path} was not searched: ${reason}`)
        },
        progress: ({ files, path }) => {
          progress?.({ step: 'files', files, path, threats: this.#found.size })
        },
      },
      signal === undefined ? enough : AbortSignal.any([signal, enough]),
    )
    if (summary.aborted) {
      this.#unseen.push(
        `After ${FILES_MS / 1000} s not all files of ${this.#targets.scanPaths.join(', ')} were searched: vedette scan PATH has no such limit`,
      )
    }
    return { files: summary.files, filesComplete: !summary.aborted }
  }

  #step(step: ThreatScanStep): void {
    this.#options.progress?.({ step, threats: this.#found.size })
  }

  #add(threat: Threat): void {
    if (!this.#found.has(threat.id)) this.#found.set(threat.id, threat)
  }
}

/** Also where it is gone. */
function hasChangedSince(path: string, sinceMs: number): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false })
  return status === undefined || status.ctimeMs >= sinceMs
}
