import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Clock, CodedError, type Logger, Secret } from '@vedette/base'
import { createEngine, loadConfiguredRules, loadFindingJudge, loadTechniques } from '@vedette/detect'
import { createBus, createIntake, DetectionMemory, FeedDesk, IndicatorDesk } from '@vedette/manager'
import { RuleDesk } from '@vedette/manager/workshop'
import { type AgentId, DEFAULT_TENANT, type Device } from '@vedette/model'
import {
  auditPaths,
  KeptFile,
  openAudit,
  openEventStore,
  openEventWriter,
  openStateStore,
  type StateStore,
} from '@vedette/store'
import { Keyring, masterKeySource } from '@vedette/store/keys'
import { createAudited } from './access/audited.ts'
import { createAuthenticator } from './access/authenticate.ts'
import { CustomRoles } from './access/custom-role.ts'
import { OnceValues } from './access/once-values.ts'
import { OpenSockets } from './access/open-sockets.ts'
import { createServiceTokens, serviceKey } from './access/service-token.ts'
import { createSessionDesk } from './access/session.ts'
import { Fleet } from './agent/fleet.ts'
import { Revocations } from './agent/revocations.ts'
import { FleetDesk } from './fleet/desk.ts'
import { RateLimit } from './http/rate-limit.ts'
import { serveAll } from './http/server.ts'
import { serveMetrics } from './http/metrics-server.ts'
import { KeyDesk } from './keys/key-desk.ts'
import { refuseInsecure } from './listen-address.ts'
import { ResponsePolicy } from './respond/policy.ts'
import type { Limits, Services } from './services.ts'
import type { ServerSettings } from './settings.ts'
import { AuditWatch } from './watch/audit-watch.ts'
import { HostSilences } from './watch/host-silences.ts'
import { createMetrics } from './watch/metrics.ts'

/** A server that works; dispose of it to stop it in order: sockets, what is on its way to the disk, stores. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string
  /** Where agents of other hosts come to. */
  readonly agentsUrl?: string
  /** The first account has still to be made, with the token of the settings. */
  readonly setupNeeded: boolean
  /** What its faces work with. */
  readonly services: Services
}

export interface Surroundings {
  readonly clock: Clock
  readonly log: Logger
  /** Whom PostgreSQL runs as, where this process is root. */
  readonly stateUser?: { readonly uid: number; readonly gid: number }
}

/** A person takes out a key and touches it. */
const CHALLENGE_MS = 5 * 60_000
/** And at an identity provider they may have to look for their phone. */
const SENT_AWAY_MS = 10 * 60_000
const SWEEP_EVERY_MS = 3_600_000
/** An agent that nobody approved is forgotten after so long. */
const WAIT_FOR_APPROVAL_MS = 7 * 86_400_000

/**
 * Starts the server: stores, rules, intake, then the faces.
 *
 * @throws {CodedError} what stops it, such as `insecure-listen`, `port-in-use` or a store's own code
 */
export async function startServer(settings: ServerSettings, around: Surroundings): Promise<RunningServer> {
  const { clock, log } = around
  const { api, store, detection, correlation, response, threat_intelligence: intel } = settings.config
  refuseInsecure(api.listen, api.tls !== undefined)
  if (api.websocket_listen) refuseInsecure(api.websocket_listen, api.tls !== undefined)
  if (api.metrics_listen) refuseInsecure(api.metrics_listen, false)

  await using stack = new AsyncDisposableStack()
  const folder = (name: string) => join(settings.home, name)
  // Before anything is written: with a wrong master key all stays as it is.
  const ring = Keyring.open({
    folder: folder('keys'),
    master: masterKeySource(settings.home, settings.secrets.masterKey),
    clock,
  })
  const storeLog = log.child({ part: 'store' })
  // Side by side: neither needs the other, and a start should be quick.
  const opened = await Promise.allSettled([
    openStateStore({
      log: storeLog,
      keys: ring,
      connections: store.max_connections,
      ...(store.database_url === undefined
        ? { folder: folder('pg'), ...around.stateUser }
        : { url: new Secret(store.database_url) }),
    }),
    openEventStore({
      log: storeLog,
      clock,
      retentionDays: store.event_days,
      ...(store.clickhouse_url === undefined
        ? { folder: folder('events') }
        : { url: new Secret(store.clickhouse_url) }),
    }),
    openAudit(folder('audit'), {
      clock,
      log: storeLog,
      checkpoint: auditPaths(folder('audit')).checkpoint,
      signing: { name: 'server', ...auditPaths(folder('audit')) },
    }),
    loadConfiguredRules(detection, settings.content),
  ])
  const [stateOpened, eventsOpened, auditOpened, rulesLoaded] = opened
  for (const result of [stateOpened, eventsOpened, auditOpened]) {
    if (result.status === 'fulfilled') stack.use(result.value)
  }
  const state = valueOf(stateOpened)
  const events = valueOf(eventsOpened)
  const auditLog = valueOf(auditOpened)
  const loaded = valueOf(rulesLoaded)
  const { rules, correlations, problems } = loaded
  for (const { message, ...place } of problems) log.warn({ ...place, reason: message }, 'rule is not used')

  const setupNeeded = await enrol(state, settings, clock)
  const bus = createBus()
  const writer = stack.use(openEventWriter(events))
  const policy = new ResponsePolicy(response, () => services)
  const engine = createEngine(rules, { clock, log: log.child({ part: 'detect' }), correlations })
  // Before what was counted is recalled: that may be of installed rules.
  const desk = stack.use(
    await RuleDesk.open({
      engine,
      loaded,
      config: detection,
      content: settings.content,
      state: state.of(DEFAULT_TENANT),
      events: events.of(DEFAULT_TENANT),
      clock,
      log: log.child({ part: 'rules' }),
    }),
  )
  const memory = stack.use(
    new DetectionMemory({
      engine,
      file: new KeptFile(folder('detection-state.json')),
      events: events.of(DEFAULT_TENANT),
      clock,
      log: log.child({ part: 'detect' }),
    }),
  )
  const indicators = stack.use(
    new IndicatorDesk({
      state,
      clock,
      log: log.child({ part: 'indicators' }),
      techniques: await loadTechniques(join(settings.content, 'attack', 'techniques.json')),
    }),
  )
  // Read while the faces start; what comes in before waits for it.
  indicators
    .ready(DEFAULT_TENANT)
    ?.catch((error: unknown) => log.error({ error }, 'indicators could not be read yet'))
  const feeds = stack.use(
    new FeedDesk({ state, indicators, config: intel, clock, log: log.child({ part: 'feeds' }) }),
  )
  const intake = createIntake({
    engine,
    memory,
    ...(intel.enabled && { indicators }),
    findings: await loadFindingJudge(detection, settings.content),
    correlation,
    events: writer,
    state,
    bus,
    clock,
    log: log.child({ part: 'intake' }),
    onAlert: (tenant, alert) => policy.judge(tenant, alert),
  })
  const fleet = new Fleet(clock)
  // Loaded where agents come from elsewhere: a house of one machine starts without it.
  const authority =
    api.agents_listen &&
    (await (await import('./authority/authority.ts')).Authority.open(folder('authority'), clock, ring))
  const revocations = authority && stack.use(new Revocations(state.credentials, clock, log))
  await revocations?.look()
  const fleetDesk = authority && stack.use(new FleetDesk({ state, fleet, authority, clock, log }))
  const silence = stack.use(
    await HostSilences.open({
      state,
      fleet,
      intake,
      file: (name) => new KeptFile(folder(name)),
      clock,
      log: log.child({ part: 'silence' }),
    }),
  )
  const auditWatch = stack.use(
    await AuditWatch.open({
      folder: folder('audit'),
      tenant: DEFAULT_TENANT,
      device: ownDevice(settings),
      intake,
      file: new KeptFile(folder('audit-fault.json')),
      clock,
      log: log.child({ part: 'audit' }),
    }),
  )
  const tls = api.tls !== undefined
  const sessions = createSessionDesk({ state, clock, tls, lifetimeMs: api.session_hours * 3_600_000 })
  const serviceTokens = await createServiceTokens(serviceKey(folder('service-key.pem'), ring), clock)
  const customRoles = new CustomRoles(state)
  const authenticator = createAuthenticator({ state, sessions, serviceTokens, customRoles, clock, log })
  const openSockets = stack.use(new OpenSockets(authenticator, clock, log))
  const audited = createAudited(auditLog, log.child({ part: 'audit' }))
  const keys = stack.use(
    new KeyDesk({
      ring,
      state,
      audited,
      home: settings.home,
      rotateDays: settings.config.encryption.rotate_days,
      log: log.child({ part: 'keys' }),
    }),
  )
  let agentsUrl: string | undefined
  const services: Services = {
    version: settings.version,
    home: settings.home,
    clock,
    log,
    state,
    events,
    auditLog,
    auditWatch,
    audited,
    keys,
    bus,
    intake,
    rules: desk,
    indicators,
    feeds,
    fleet,
    silence,
    ...(authority && { authority }),
    ...(fleetDesk && { fleetDesk }),
    ...(revocations && { revocations }),
    certificateMs: api.agent_certificate_days * 86_400_000,
    agentsUrl: () => agentsUrl,
    sessions,
    authenticator,
    serviceTokens,
    customRoles,
    challenges: new OnceValues(clock, CHALLENGE_MS),
    sentAway: new OnceValues(clock, SENT_AWAY_MS),
    openSockets,
    originRules: { tls, corsOrigins: api.cors_origins, listenHost: api.listen.host },
    limits: createLimits(clock),
    metrics: stack.adopt(
      createMetrics(() => services),
      (metrics) => metrics.close(),
    ),
    ...(settings.console !== undefined && { consoleFolder: settings.console }),
  }

  const stop = new AbortController()
  stack.defer(() => stop.abort())
  measureAlerts(services, stop.signal)
  const sweep = setInterval(() => {
    sweepOld(state, clock).catch((error: unknown) =>
      log.warn({ error }, 'old sessions and enrolments could not be swept'),
    )
  }, SWEEP_EVERY_MS)
  stack.defer(() => clearInterval(sweep))

  await feeds.start()
  const http = stack.use(await serveAll(services, api))
  agentsUrl = http.agentsUrl
  if (api.metrics_listen) stack.use(await serveMetrics(services, api.metrics_listen))
  const parts = stack.move()
  return {
    url: http.url,
    ...(agentsUrl !== undefined && { agentsUrl }),
    setupNeeded,
    services,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** Of every organisation. */
async function sweepOld(state: StateStore, clock: Clock): Promise<void> {
  const now = clock.now()
  const others = (await state.credentials.organisations()).map(({ id }) => id)
  for (const organisation of [DEFAULT_TENANT, ...others]) await state.of(organisation).sessions.sweep(now)
  await state.of(DEFAULT_TENANT).enrolments.sweep(now - WAIT_FOR_APPROVAL_MS)
}

/** Makes known what the supervisor gave out: the operator's token, the agents' credentials, the one-time token. */
async function enrol(state: StateStore, { secrets }: ServerSettings, clock: Clock): Promise<boolean> {
  const tenant = state.of(DEFAULT_TENANT)
  const now = clock.now()
  await tenant.apiTokens.put(secrets.cliTokenHash, { id: 'cli', name: 'cli', role: 'admin' }, now)
  for (const { id, credentialHash } of secrets.agents) {
    await tenant.agents.put(credentialHash, id as AgentId, now)
  }
  if (secrets.setupTokenHash !== undefined) await tenant.setup.put(secrets.setupTokenHash, now)
  return (await tenant.setup.state()) === 'open'
}

/** This host: that of its agent where one runs here. */
function ownDevice({ secrets }: ServerSettings): Device {
  const name = hostname()
  const here = secrets.agents.find((agent) => agent.hostname === name)?.id ?? 'server'
  return { uid: here as AgentId, hostname: name }
}

function createLimits(clock: Clock): Limits {
  const limit = (burst: number, perMinute: number) => new RateLimit(clock, { burst, perMinute })
  return {
    requests: limit(200, 1200),
    signIn: limit(10, 10),
    account: limit(20, 5),
    graphql: limit(300, 3000),
    sockets: limit(30, 120),
    strangers: limit(10, 10),
    agents: limit(20, 60),
    enrolment: limit(60, 120),
  }
}

function measureAlerts({ bus, metrics, clock, log }: Services, signal: AbortSignal): void {
  const measure = async () => {
    for await (const { rule, time } of bus.subscribe('alert', {}, signal)) {
      metrics.alert(rule.severity, clock.now() - time)
    }
  }
  measure().catch((error: unknown) => log.error({ error }, 'alerts are not measured any more'))
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'fulfilled') return result.value
  if (result.reason instanceof CodedError) throw result.reason
  throw new CodedError('start-failed', `Cannot start: ${String(result.reason)}`, { cause: result.reason })
}
