import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Clock,
  CodedError,
  type Logger,
  parseConfig,
  Secret,
  silentLogger,
  systemClock,
} from '@vedette/base'
import {
  contentDirectory,
  createEngine,
  loadConfiguredRules,
  loadFindingJudge,
  loadTechniques,
} from '@vedette/detect'
import { findUser } from '@vedette/linux'
import {
  type AgentId,
  type Alert,
  type BlindSpot,
  DEFAULT_TENANT,
  type EventBatch,
  type Incident,
  type PartReport,
  type RuleInfo,
  type RuleProblem,
} from '@vedette/model'
import {
  type Alerts,
  type Incidents,
  KeptFile,
  openEventStore,
  openEventWriter,
  openStateStore,
  type RiskLedger,
  type StateStore,
  type TenantEvents,
} from '@vedette/store'
import { type Bus, createBus } from './bus.ts'
import { DetectionMemory } from './detection-memory.ts'
import { createIntake, type Intake } from './intake.ts'
import { FeedDesk } from './intel/feed-desk.ts'
import { IndicatorDesk } from './intel/indicator-desk.ts'
import { ThreatIntelligence } from './intel/threat-intelligence.ts'
import { type SecurityConfig, securityConfigSchema } from './security-config.ts'
import { createWatch, type Watch } from './watch.ts'
import { RuleDesk } from './workshop/rule-desk.ts'

/** This machine's id within a house that knows no other. */
const LOCAL_AGENT = 'local' as AgentId
/** Batches on their way to the disk at a time; then the collectors are not asked for more. */
const MAX_IN_FLIGHT = 16
/** User that PostgreSQL runs as where this process is root. */
const STATE_USER = 'vedette'
const TRIES = 5
const PAUSE_MS = 200

export interface SecurityManagerOptions {
  readonly log?: Logger
  readonly clock?: Clock
  /** Folder of rules and mappings; by default those that come with Vedette. */
  readonly content?: string
}

export interface ManagerStatus {
  readonly parts: readonly PartReport[]
  readonly blindSpots: readonly BlindSpot[]
  readonly rules: readonly RuleInfo[]
  readonly ruleProblems: readonly RuleProblem[]
  /** Events that could not be stored, although they were tried again. */
  readonly eventsLost: number
}

/**
 * The whole house in this process, for programs that build on it: watches this machine, judges what it sees by rules,
 * keeps it, and tells of alerts. `vedette up` is the same parts in processes of their own, with fewer rights.
 *
 * Whoever starts it stops it (`await using` does).
 */
export class SecurityManager implements AsyncDisposable {
  /** Stored events. */
  readonly events: TenantEvents
  /** Stored alerts: list, acknowledge, resolve. */
  readonly alerts: Alerts
  readonly incidents: Incidents
  readonly risk: RiskLedger
  /** Rules in force: what they cost and find, exceptions from them, and others to be tried or installed. */
  readonly rules: RuleDesk
  /** Indicators, what is allowed, feeds. */
  readonly threatIntelligence: ThreatIntelligence
  readonly #bus: Bus
  readonly #watch: Watch
  readonly #intake: Intake
  readonly #resources: AsyncDisposableStack
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #eventsLost = 0
  #stopped: Promise<void> | undefined

  private constructor(parts: Parts) {
    const tenant = parts.state.of(DEFAULT_TENANT)
    this.events = parts.events
    this.alerts = tenant.alerts
    this.incidents = tenant.incidents
    this.risk = tenant.risk
    this.rules = parts.rules
    this.threatIntelligence = parts.threatIntelligence
    this.#bus = parts.bus
    this.#watch = parts.watch
    this.#intake = parts.intake
    this.#resources = parts.resources
    this.#running = this.#run(parts)
  }

  /**
   * Starts from a configuration; resolves once it watches.
   *
   * @throws {ConfigError} when the configuration cannot be used
   * @throws {CodedError} when a part cannot start, such as `collector-unusable` or `state-store-failed`
   */
  static async start(config: SecurityConfig, options: SecurityManagerOptions = {}): Promise<SecurityManager> {
    const { log = silentLogger, clock = systemClock, content = contentDirectory } = options
    const {
      home,
      collect,
      normalise,
      yara,
      integrity,
      detection,
      correlation,
      threat_intelligence: intel,
      ...urls
    } = parseConfig(securityConfigSchema, config, 'of SecurityManager.start')
    // For root PostgreSQL is another user, who has to pass through to a folder of its own.
    mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    await using stack = new AsyncDisposableStack()
    const state = stack.use(await openState(join(home, 'state'), urls.database_url, log))
    const eventStore = stack.use(
      await openEventStore({
        log,
        clock,
        ...(urls.clickhouse_url === undefined
          ? { folder: join(home, 'events') }
          : { url: new Secret(urls.clickhouse_url) }),
      }),
    )
    const writer = stack.use(openEventWriter(eventStore))
    const loaded = await loadConfiguredRules(detection, content)
    const { correlations } = loaded
    const engine = createEngine(loaded.rules, { clock, log, correlations })
    // Before what was counted is recalled: that may be of installed rules.
    const rules = stack.use(
      await RuleDesk.open({
        engine,
        loaded,
        config: detection,
        content,
        state: state.of(DEFAULT_TENANT),
        events: eventStore.of(DEFAULT_TENANT),
        clock,
        log,
      }),
    )
    const memory = stack.use(
      new DetectionMemory({
        engine,
        file: new KeptFile(join(home, 'detection-state.json')),
        events: eventStore.of(DEFAULT_TENANT),
        clock,
        log,
      }),
    )
    const bus = createBus()
    const findings = await loadFindingJudge(detection, content)
    const techniques = await loadTechniques(join(content, 'attack', 'techniques.json'))
    const desk = stack.use(new IndicatorDesk({ state, clock, log, techniques }))
    const feeds = stack.use(new FeedDesk({ state, indicators: desk, config: intel, clock, log }))
    await desk.ready(DEFAULT_TENANT)
    await feeds.start()
    const intake = createIntake({
      engine,
      memory,
      ...(intel.enabled && { indicators: desk }),
      findings,
      correlation,
      events: writer,
      state,
      bus,
      clock,
      log,
    })
    const run = randomBytes(8).toString('hex')
    const watch = stack.use(
      await createWatch({
        agent: LOCAL_AGENT,
        hostname: hostname(),
        run,
        collect,
        normalise,
        yara,
        integrity: { config: integrity, folder: join(home, 'integrity') },
        knownFolder: home,
        own: { pids: [process.pid], executables: [] },
        clock,
        log,
      }),
    )
    return new SecurityManager({
      state,
      threatIntelligence: new ThreatIntelligence(DEFAULT_TENANT, { state, desk, feeds, clock }),
      events: eventStore.of(DEFAULT_TENANT),
      bus,
      watch,
      intake,
      rules,
      resources: stack.move(),
      log,
      run,
    })
  }

  /** New alerts from now on, each once it is stored, until the signal aborts or the manager is stopped. */
  newAlerts(signal?: AbortSignal): AsyncIterable<Alert> {
    return this.#bus.subscribe('alert', {}, this.#until(signal))
  }

  /** Incidents that are opened or changed from now on. */
  incidentUpdates(signal?: AbortSignal): AsyncIterable<Incident> {
    return this.#bus.subscribe('incident', {}, this.#until(signal))
  }

  /** Watches a file, or a folder and what lies in it, until what is returned is disposed of. */
  watch(path: string): Promise<AsyncDisposable> {
    return this.#watch.watch(path)
  }

  status(): ManagerStatus {
    return {
      parts: [
        ...this.#watch.parts(),
        { name: 'intake', state: 'running', counters: this.#intake.counters() },
      ],
      blindSpots: this.#watch.blindSpots(),
      rules: this.rules.states().map(({ info }) => info),
      ruleProblems: this.rules.problems,
      eventsLost: this.#eventsLost,
    }
  }

  /** Stops the collectors, stores what they saw, and closes the stores. May be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
  }

  async #close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#resources.disposeAsync()
  }

  async #run({ log, run }: Parts): Promise<void> {
    const inFlight = new Set<Promise<void>>()
    let sequence = 0
    for await (const events of this.#watch.events(this.#stop.signal)) {
      const delivery = this.#deliver({ run, sequence, events }, log).finally(() => inFlight.delete(delivery))
      sequence += 1
      inFlight.add(delivery)
      if (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight)
    }
    await Promise.all(inFlight)
  }

  /** A store that is away for a moment is asked again; what it does not take then is counted as lost. */
  async #deliver(batch: EventBatch, log: Logger): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#intake.receive({ tenant: DEFAULT_TENANT, agent: LOCAL_AGENT, batch })
        return
      } catch (error) {
        if (tries < TRIES) {
          await delay(PAUSE_MS * tries)
          continue
        }
        this.#eventsLost += batch.events.length
        log.error({ error, events: batch.events.length }, 'events could not be stored')
        return
      }
    }
  }
}

interface Parts {
  readonly state: StateStore
  readonly threatIntelligence: ThreatIntelligence
  readonly events: TenantEvents
  readonly bus: Bus
  readonly watch: Watch
  readonly intake: Intake
  readonly rules: RuleDesk
  readonly resources: AsyncDisposableStack
  readonly log: Logger
  readonly run: string
}

/** PostgreSQL refuses to be root, so for root it becomes the system user that `vedette up` makes. */
async function openState(folder: string, url: string | undefined, log: Logger): Promise<StateStore> {
  if (url !== undefined) return openStateStore({ log, url: new Secret(url) })
  if (process.getuid?.() !== 0) return openStateStore({ log, folder })
  const user = findUser(STATE_USER)
  if (!user) {
    throw new CodedError(
      'no-state-user',
      `Cannot start PostgreSQL as root: make a user for it (useradd --system ${STATE_USER}), give database_url, or start as an ordinary user`,
    )
  }
  return openStateStore({ log, folder, ...user })
}
