import { randomBytes } from 'node:crypto'
import type { Clock, Logger } from '@vedette/base'
import type { Intake } from '@vedette/manager'
import type { AgentId, SensorEvent, TenantId } from '@vedette/model'
import { sensorEvents } from '@vedette/normalise'
import type { Hosts, KeptFile } from '@vedette/store'
import { z } from 'zod'
import { type Fleet, SILENT_AFTER_MS } from '../agent/fleet.ts'

const LOOK_EVERY_MS = 2500
/** After the start of the server its agents need a while to find it again. */
const START_GRACE_MS = 45_000
/** Who comes with a copied identity tries again and again. */
const CLONED_EVERY_MS = 60_000
/** A look that comes so late, in real time: the server itself was halted, and heard nobody. */
const OWN_SLEEP_MS = 3 * LOOK_EVERY_MS

export interface HostSilenceOptions {
  readonly tenant: TenantId
  readonly hosts: Pick<Hosts, 'list'>
  readonly fleet: Pick<Fleet, 'isReporting'>
  readonly intake: Pick<Intake, 'receive'>
  /** Which silences were told, so that a restart of the server does not tell them again. */
  readonly file: KeptFile
  readonly clock: Clock
  readonly log: Logger
}

interface Known {
  hostname: string
  /** Names its Events and batches, with `sequence`. */
  run: string
  event: ReturnType<typeof sensorEvents>
  /** Of its next batch. */
  sequence: number
  /** When it last told of itself, on the monotonic clock: a connection that is lost and made anew is no silence. */
  heardMs: number
  /** When it was last told that another has its identity, on the monotonic clock. */
  clonedMs?: number
  /** When it was told that it is silent, on the wall clock. */
  silentSince?: number
}

const keptSchema = z.record(z.string().max(128), z.number())

/**
 * Notices hosts that tell nothing any more: who kills, halts or cuts off an agent leaves nothing behind but its silence. Each
 * is told as an Event of that host within two reports' time, judged by the rules as others are, and so is its end.
 */
export class HostSilence implements AsyncDisposable {
  readonly #options: HostSilenceOptions
  readonly #known = new Map<AgentId, Known>()
  readonly #timer: NodeJS.Timeout
  #lookedMs = performance.now()
  #graceUntilMs: number
  #looking: Promise<void> = Promise.resolve()

  private constructor(options: HostSilenceOptions) {
    this.#options = options
    this.#graceUntilMs = options.clock.monotonic() + START_GRACE_MS
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref()
  }

  static async open(options: HostSilenceOptions): Promise<HostSilence> {
    const kept = await options.file.read()
    const told = keptSchema.safeParse(kept === undefined ? {} : parsed(kept))
    const silence = new HostSilence(options)
    for (const { id, report } of await options.hosts.list()) {
      silence.heard(id, report.hostname)
      const known = silence.#known.get(id)
      const since = told.data?.[id]
      if (known !== undefined && since !== undefined) known.silentSince = since
    }
    return silence
  }

  /** A host told of itself; from now on its silence is noticed. */
  heard(agent: AgentId, hostname: string): void {
    const before = this.#known.get(agent)
    const heardMs = this.#options.clock.monotonic()
    if (before !== undefined) before.heardMs = heardMs
    if (before?.hostname === hostname) return
    const run = randomBytes(8).toString('hex')
    const event = sensorEvents({ uid: agent, hostname }, run, this.#options.clock)
    const now = { hostname, run, event, sequence: 0, heardMs }
    if (before === undefined) this.#known.set(agent, now)
    else Object.assign(before, now)
  }

  /** Another host came with this agent's identity. Never rejects; at most once a minute. */
  async cloned(agent: AgentId, detail: string): Promise<void> {
    const known = this.#known.get(agent)
    const nowMs = this.#options.clock.monotonic()
    if (known === undefined || nowMs - (known.clonedMs ?? -CLONED_EVERY_MS) < CLONED_EVERY_MS) return
    known.clonedMs = nowMs
    await this.#tell(agent, known, { activity: 'degraded', cause: 'cloned', duration_ms: 0, detail })
  }

  /** It was removed: from now on its silence is as it should be. */
  forget(agent: AgentId): void {
    this.#known.delete(agent)
  }

  /** Looks now, as it does every 2.5 seconds; resolves once what it found is told. Never rejects. */
  async look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look())
    await this.#looking
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    const { fleet, tenant, clock } = this.#options
    const nowMs = clock.monotonic()
    const realMs = performance.now()
    if (realMs - this.#lookedMs > OWN_SLEEP_MS) {
      this.#graceUntilMs = Math.max(this.#graceUntilMs, nowMs + SILENT_AFTER_MS)
    }
    this.#lookedMs = realMs
    for (const [agent, known] of this.#known) {
      const isReporting = fleet.isReporting(tenant, agent) || nowMs - known.heardMs <= SILENT_AFTER_MS
      const { silentSince } = known
      if (isReporting && silentSince !== undefined) {
        if (await this.#tell(agent, known, silence('restored', clock.now() - silentSince)))
          delete known.silentSince
      } else if (!isReporting && silentSince === undefined && nowMs >= this.#graceUntilMs) {
        const since = clock.now()
        if (await this.#tell(agent, known, silence('degraded', 0))) known.silentSince = since
      } else continue
      await this.#keep()
    }
  }

  /** Whether it could be stored. If not, the next look tries again. */
  async #tell(
    agent: AgentId,
    known: Known,
    told: Pick<SensorEvent, 'activity' | 'cause' | 'duration_ms' | 'detail'>,
  ): Promise<boolean> {
    const { tenant, intake, clock, log } = this.#options
    const events = [
      known.event({
        source: 'sensor',
        timeMs: clock.now(),
        part: 'agent',
        lost: 0,
        ...told,
      }),
    ]
    try {
      await intake.receive({ tenant, agent, batch: { run: known.run, sequence: known.sequence, events } })
      known.sequence += 1
      return true
    } catch (error) {
      log.warn({ error, agent }, 'what became of a host could not be told yet')
      return false
    }
  }

  async #keep(): Promise<void> {
    const told = [...this.#known].flatMap(([agent, { silentSince }]) =>
      silentSince === undefined ? [] : [[agent, silentSince] as const],
    )
    try {
      await this.#options.file.write(Buffer.from(JSON.stringify(Object.fromEntries(told))))
    } catch (error) {
      this.#options.log.warn({ error }, 'which hosts are silent could not be kept')
    }
  }
}

function silence(activity: SensorEvent['activity'], durationMs: number) {
  return { activity, cause: 'silent', duration_ms: Math.max(0, Math.round(durationMs)) } as const
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return {}
  }
}
