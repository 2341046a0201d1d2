import { randomBytes } from 'node:crypto'
import { hostname, release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, CodedError, type Logger, parseConfig, SIGN_OF_LIFE_MS } from '@vedette/base'
import { collectSchema, kernelCollectors } from '@vedette/collect'
import { yaraConfigSchema } from '@vedette/detect/yara'
import { bootId, OwnCgroup, readUsage } from '@vedette/linux'
import { integrityConfigSchema } from '@vedette/manager/integrity'
import { createWatch, type Watch, type WatchOptions } from '@vedette/manager/watch'
import {
  type Losses,
  MAX_REPORTED_GAPS,
  processUid,
  type AgentId,
  type AgentReport,
  type BlindSpot,
  type Book,
  type PartReport,
  type SensorReport,
  type SensorEnd,
} from '@vedette/model'
import { normaliseConfigSchema } from '@vedette/normalise'
import { type AuditLog, auditPaths, openAudit } from '@vedette/store/audit'
import { spoolKeys } from '@vedette/store/keys'
import { openSpool } from '@vedette/store/spool'
import { agentConfigSchema } from './agent-config.ts'
import { Assignee } from './assigned/assignee.ts'
import { Batcher } from './batcher.ts'
import { openCredential } from './credential.ts'
import type { Control } from './control.ts'
import { AgentKeys } from './keys.ts'
import type { AgentMessageLine } from './report.ts'
import { Footprint } from './footprint.ts'
import { Governor } from './governor.ts'
import { readIdentity } from './identity.ts'
import { OwnUse } from './own-use.ts'
import { openResponses } from './responses.ts'
import type { AgentSettings } from './settings.ts'
import { spoolConfigSchema } from './spool-config.ts'
import { systemMetricsConfigSchema } from './system-metrics-config.ts'
import { Trimming } from './trimming.ts'
import { Uplink } from './uplink.ts'
import { UsageSampler } from './usage-sampler.ts'
import { WatchLeases } from './watch-leases.ts'

/** The server takes an agent that has missed two reports for silent. */
const REPORT_MS = 10_000
/** How long a stop waits until the server has stored what is still under way; what it has not, stays in the spool. */
const DRAIN_MS = 1200

export interface AgentSurroundings {
  readonly clock: Clock
  readonly log: Logger
  readonly random: () => number
  /** Told what the supervisor wants to know. */
  readonly tell: (message: AgentMessageLine) => void
  /** Ends the process, which then is started anew. */
  readonly giveUp: (error: unknown) => never
}

/**
 * The agent from its start to its end: watches, keeps every event in the spool until the server has it, and does what the
 * server may ask.
 *
 * @param signal aborts to stop: collectors first, then what they saw is kept on disk and, as far as time allows, sent
 */
export async function runAgent(
  control: Control,
  around: AgentSurroundings,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, random, tell } = around
  const run = randomBytes(8).toString('hex')
  await using resources = new AsyncDisposableStack()
  const assignee = await openAssignee(control.settings, around)
  if (assignee) resources.use(assignee)
  const settings = { ...control.settings, ...(assignee && { config: assignee.config }) }

  const { cap_mib, buffer_events } = parseConfig(spoolConfigSchema, settings.config.spool ?? {}, 'spool')
  const keys = resources.use(new AgentKeys(settings, clock, log.child({ part: 'keys' })))
  const spool = resources.use(
    await openSpool(join(settings.home, 'spool'), {
      log: log.child({ part: 'spool' }),
      capBytes: cap_mib * 1024 * 1024,
      keys: spoolKeys(keys.ring),
    }),
  )
  const auditFolder = join(settings.home, 'audit')
  const audit = resources.use(
    await openAudit(auditFolder, {
      clock,
      log: log.child({ part: 'respond' }),
      checkpoint: auditPaths(auditFolder).checkpoint,
      signing: { name: 'agent', ...auditPaths(auditFolder) },
    }),
  )
  const watch = resources.use(
    await openWatch(settings, run, audit, around, {
      ...(assignee && { extraRules: assignee.ruleFolders }),
      partsBehind: () => ownParts(),
      onSensorEvent: (event) => batcher.add([event]),
    }),
  )
  if (settings.previous !== undefined) {
    const { cause, detail, ended_by: end } = settings.previous
    watch.note('agent', cause, detail, end && sensorEnd(end))
  }
  const leases = resources.use(new WatchLeases((path) => watch.watch(path), log.child({ part: 'watch' })))
  const responses = resources.use(
    await openResponses(settings, {
      audit,
      clock,
      log: log.child({ part: 'respond' }),
      answer: (result) => uplink.answer({ type: 'response', result }),
    }),
  )
  const metrics = parseConfig(
    systemMetricsConfigSchema,
    settings.config.system_metrics ?? {},
    'system_metrics',
  )
  const usage = resources.use(
    new UsageSampler({
      intervalMs: metrics.interval_seconds * 1000,
      clock,
      log,
      read: () => readUsage(settings.home),
      onSample: () => {
        if (ownUse.latest === undefined) ownUse.look()
        uplink.report(report())
      },
    }),
  )
  const { budget } = parseConfig(agentConfigSchema, settings.config.agent ?? {}, 'agent')
  const found = spool.counters().emitted
  const books = (): Book[] => {
    const { given, normaliser } = watch.counters()
    const kept = spool.counters()
    const emitted = normaliser.events + found
    const lost = batcher.counters.lost + kept.lost + uplink.counters.lost
    const waiting =
      normaliser.events -
      given +
      batcher.waiting +
      uplink.appendingEvents +
      kept.emitted -
      kept.delivered -
      kept.lost
    const delivered = kept.delivered - uplink.counters.lost
    const difference = emitted - delivered - lost - waiting
    return [watch.book(), { name: 'events', emitted, delivered, lost, waiting, difference }]
  }
  const losses = (): Losses => {
    const { events, gaps } = spool.losses()
    return { events, gaps: gaps.slice(-MAX_REPORTED_GAPS) }
  }
  const footprint = new Footprint(() => clock.monotonic())
  const governor = settings.isLimited
    ? undefined
    : new Governor({
        clock,
        cpuPercent: budget.cpu_percent,
        cpuMs: () => footprint.cpuMs(),
      })
  const group = settings.isLimited ? OwnCgroup.find() : undefined
  const ownUse = new OwnUse({
    clock,
    cpuLimitPercent: budget.cpu_percent,
    memoryLimitBytes: budget.memory_mib * (1 << 20),
    ...(group !== undefined && { readGroup: () => group.read() }),
    pausedMs: () => governor?.pausedMs ?? 0,
  })
  const report = (): AgentReport => ({
    hostname: hostname(),
    kernel: release(),
    version: settings.version,
    bootId: bootId(),
    parts: [...watch.parts(), ...ownParts()],
    blindSpots: [...watch.blindSpots(), ...budgetBlindSpots(governor), ...(assignee?.blindSpots() ?? [])],
    books: books(),
    losses: losses(),
    spooled: spool.waiting,
    memoryBytes: footprint.memoryBytes(),
    ...(usage.latest && { usage: usage.latest }),
    ...(ownUse.latest && { ownUse: ownUse.latest }),
    ...sensorOf(watch.parts()),
  })
  const credential = openCredential(settings, { clock, log, onRenewed: () => uplink.reconnect() })
  resources.use(credential)
  const uplink = new Uplink({
    run,
    credential: () => credential.current(),
    onRefused: () => credential.refused(),
    spool,
    log: log.child({ part: 'uplink' }),
    clock,
    random,
    report,
    onRespond: (request) => responses.respond(request),
    onWatch: ({ path, leaseMs }) => void leases.add(path, leaseMs),
    onAssigned: (message) => {
      if (message.type === 'content') assignee?.piece(message)
      else void assignee?.take(message.document)
    },
    onConnection: (connected) => {
      tell({ type: connected ? 'connected' : 'disconnected' })
      // The one in `hello` was made while there was no line yet.
      if (connected) uplink.report(report())
      assignee?.connection(connected)
    },
  })
  const batcher = new Batcher({
    run,
    clock,
    capacity: buffer_events,
    backlog: () => Math.max(uplink.inFlight, spool.waiting),
    declare: (gap) => uplink.declare(gap),
    deliver: (batch) => uplink.deliver(batch),
    urgentRun: randomBytes(8).toString('hex'),
    deliverUrgent: (batch) => uplink.deliverUrgent(batch),
  })
  const ownParts = (): PartReport[] => [
    { name: 'batches', state: 'running', counters: batcher.counters },
    { name: 'spool', state: 'running', counters: spool.counters() },
    { name: 'uplink', state: uplink.connected ? 'running' : 'stopped', counters: uplink.counters },
  ]

  if (settings.serverUrl !== undefined) uplink.url = settings.serverUrl
  control.onOrder((order) => {
    uplink.url = order.url
  })
  const renew = new AbortController()
  const ending = AbortSignal.any([signal, renew.signal])
  let wanted: string | undefined
  assignee?.begin({
    replaceRules: (paths) => watch.replaceRules(paths),
    ask: (sha256, offset) => uplink.fetch(sha256, offset),
    tell: (standing) => {
      uplink.stand(standing)
      const { agentVersion: version } = standing
      if (version === undefined || version === settings.version || version === wanted) return
      wanted = version
      tell({ type: 'upgrade', version })
    },
    restart: () => {
      tell({ type: 'renew' })
      renew.abort()
    },
  })
  const stopUplink = new AbortController()
  const line = uplink.run(stopUplink.signal)
  const living = setInterval(() => tell({ type: 'alive' }), SIGN_OF_LIFE_MS)
  resources.defer(() => clearInterval(living))
  const reporting = setInterval(() => {
    ownUse.look()
    uplink.report(report())
  }, REPORT_MS)
  resources.defer(() => clearInterval(reporting))
  const changes = watchForChanges(watch, () => uplink.report(report()))
  resources.defer(() => clearInterval(changes))

  try {
    const events = watch.events(ending)
    tell({ type: 'watching', report: report() })
    resources.use(new Trimming())
    for await (const batch of events) {
      batcher.add(batch)
      const pauseMs = governor?.pauseMs() ?? 0
      if (pauseMs > 0 && governor?.isLasting === true) watch.note('agent', 'budget')
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal: ending }).catch(() => undefined)
    }
    await batcher.flush()
    await uplink.settled(DRAIN_MS)
  } finally {
    // Also what could not be sent is on disk by now, or counted.
    stopUplink.abort()
    await line
  }
  tell({ type: 'stopped', waiting: spool.waiting, lost: lostIn([...watch.parts(), ...ownParts()]) })
}

/** Takes what the server assigns; nothing for the agent of the house itself, whose configuration is the server's own. */
async function openAssignee(
  { credential, config, origins, home }: AgentSettings,
  { clock, log }: AgentSurroundings,
): Promise<Assignee | undefined> {
  if (typeof credential === 'string') return undefined
  const { central } = parseConfig(agentConfigSchema, config.agent ?? {}, 'agent')
  return Assignee.open({
    home,
    identity: readIdentity(credential.identityFile),
    own: { config, origins },
    ...central,
    clock,
    log: log.child({ part: 'assigned' }),
  })
}

/** Which sensor of the kernel runs, and which kinds of record only another one tells. */
function sensorOf(parts: readonly PartReport[]): { readonly sensor?: SensorReport } {
  const kind = kernelCollectors.find(({ name }) => parts.some((part) => part.name === name))
  if (kind?.sees === undefined) return {}
  const { each, byLooking } = kind.sees
  const seen = new Set([...each, ...byLooking])
  const others = kernelCollectors.flatMap(({ sees }) => sees?.each ?? [])
  const unseen = [...new Set(others)].filter((name) => !seen.has(name))
  return { sensor: { tier: kind.name, description: kind.description, each, byLooking, unseen } }
}

/** Who ended the agent before, as an Event names it. */
function sensorEnd({
  signal,
  process: by,
}: NonNullable<NonNullable<AgentSettings['previous']>['ended_by']>): SensorEnd {
  if (by === undefined) return { signal }
  const { pid, start_ticks: startTicks, name, uid, parent } = by
  const user = { uid: String(uid) }
  return {
    signal,
    process: { uid: processUid(bootId(), pid, startTicks), pid, name, user, parent_process: parent },
  }
}

/** Said where nobody but the agent itself keeps it to its budget. */
function budgetBlindSpots(governor: Governor | undefined): BlindSpot[] {
  if (governor === undefined) return []
  const spots: BlindSpot[] = [
    {
      code: 'soft-budget',
      message:
        'The budget of the agent is kept by itself, which holds back what it reads and cannot limit its memory: no ' +
        'control group could be made; starting as root would change that on most hosts',
    },
  ]
  if (governor.isLasting) {
    spots.push({
      code: 'budget',
      message:
        'More happens than the budget of the agent allows for: it reads more slowly, and may lose the rest',
    })
  }
  return spots
}

function openWatch(
  settings: AgentSettings,
  run: string,
  audit: AuditLog,
  { clock, log, giveUp }: AgentSurroundings,
  behind: Pick<WatchOptions, 'partsBehind' | 'onSensorEvent' | 'extraRules'>,
): Promise<Watch> {
  return createWatch({
    agent: settings.id as AgentId,
    hostname: hostname(),
    run,
    collect: collectConfig(settings),
    normalise: parseConfig(normaliseConfigSchema, settings.config.normalise ?? {}, 'normalise'),
    yara: parseConfig(yaraConfigSchema, settings.config.yara ?? {}, 'yara'),
    integrity: {
      config: parseConfig(integrityConfigSchema, settings.config.integrity ?? {}, 'integrity'),
      folder: join(settings.home, 'integrity'),
      audit: async ({ actor, paths }) => {
        // One record a file would make of one order a thousand; the first of them say what it was about.
        const detail = { files: paths.length, paths: paths.slice(0, 100) }
        await audit.append({ actor, action: 'integrity.accept', target: 'baseline', outcome: 'done', detail })
      },
    },
    knownFolder: settings.home,
    own: { ...settings.own, pids: [...settings.own.pids, process.pid] },
    ...behind,
    onHopeless: (part) =>
      giveUp(new CodedError('collector-stuck', `Collector ${part} does not answer and cannot be ended`)),
    clock,
    log: log.child({ part: 'watch' }),
  })
}

/** What is configured; and the kernel's half knows who started the agent: what that does is ours, what is done to it is told. */
function collectConfig({ config, own }: AgentSettings) {
  const collect = parseConfig(collectSchema, config.collect ?? {}, 'collect')
  return { ...collect, ebpf: { ...collect.ebpf, ignored_pids: [...collect.ebpf.ignored_pids, ...own.pids] } }
}

const CHANGE_MS = 500

/** A part that fails or comes back, and a new blind spot, are reported at once and not with the next report. */
function watchForChanges(watch: Watch, onChange: () => void): NodeJS.Timeout {
  const states = () =>
    JSON.stringify([
      watch.parts().map(({ name, state }) => [name, state]),
      watch.blindSpots().map(({ code }) => code),
    ])
  let before = states()
  return setInterval(() => {
    const now = states()
    if (now === before) return
    before = now
    onChange()
  }, CHANGE_MS)
}

function lostIn(parts: readonly PartReport[]): number {
  return parts.reduce((sum, { counters }) => sum + counters.lost, 0)
}
