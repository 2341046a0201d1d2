import { randomBytes } from 'node:crypto'
import type { Clock, Logger } from '@vedette/base'
import type { Intake } from '@vedette/manager'
import type { Device, SensorRecord, TenantId } from '@vedette/model'
import { sensorEvents } from '@vedette/normalise'
import { type AuditVerdict, type KeptFile, verifyOwnAudit } from '@vedette/store'
import { z } from 'zod'

const LOOK_EVERY_MS = 3_600_000

export interface AuditWatchOptions {
  /** Folder of the log. */
  readonly folder: string
  readonly tenant: TenantId
  /** The host on which the log lies. */
  readonly device: Device
  readonly intake: Pick<Intake, 'receive'>
  /** What was told, so that a restart of the server does not tell it again. */
  readonly file: KeptFile
  readonly clock: Clock
  readonly log: Logger
}

const keptSchema = z.object({ fault: z.string().max(2000), since: z.number() })

/**
 * Verifies the chain of the server's audit log at its start and every hour. One that was altered is told as an Event, which
 * the rules judge as others, once for each fault.
 */
export class AuditWatch implements AsyncDisposable {
  readonly #options: AuditWatchOptions
  readonly #timer: NodeJS.Timeout
  readonly #run = randomBytes(8).toString('hex')
  readonly #event: ReturnType<typeof sensorEvents>
  #sequence = 0
  #told: z.output<typeof keptSchema> | undefined
  #verdict: AuditVerdict | undefined
  #looking: Promise<void> = Promise.resolve()

  private constructor(options: AuditWatchOptions) {
    this.#options = options
    this.#event = sensorEvents(options.device, this.#run, options.clock)
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref()
  }

  /** The first look goes on beside the start of the server: a long log takes its time. */
  static async open(options: AuditWatchOptions): Promise<AuditWatch> {
    const watch = new AuditWatch(options)
    watch.#told = readKept(await options.file.read())
    void watch.look()
    return watch
  }

  /** What the last look found; undefined before the first is over. */
  get verdict(): AuditVerdict | undefined {
    return this.#verdict
  }

  /** Looks now; resolves once what it found is told. Never rejects. */
  async look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look())
    await this.#looking
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    const { folder, log, clock } = this.#options
    try {
      const verdict = await verifyOwnAudit(folder)
      this.#verdict = verdict
      if (verdict.ok) {
        if (this.#told !== undefined) await this.#tell('restored', clock.now() - this.#told.since)
        this.#told = undefined
      } else {
        const fault = `${verdict.fault.code} ${verdict.fault.sequence}`
        log.error({ ...verdict.fault }, 'the audit log was altered')
        if (this.#told?.fault === fault) return
        await this.#tell('degraded', 0, verdict.fault.message)
        this.#told = { fault, since: clock.now() }
      }
      await this.#options.file.write(Buffer.from(JSON.stringify(this.#told ?? null)))
    } catch (error) {
      // The next look tries again.
      log.warn({ error }, 'the audit log could not be verified')
    }
  }

  async #tell(activity: SensorRecord['activity'], durationMs: number, detail?: string): Promise<void> {
    const { tenant, device, intake, clock } = this.#options
    const event = this.#event({
      source: 'sensor',
      timeMs: clock.now(),
      activity,
      part: 'audit log',
      cause: 'altered',
      lost: 0,
      duration_ms: Math.max(0, Math.round(durationMs)),
      ...(detail !== undefined && { detail }),
    })
    const batch = { run: this.#run, sequence: this.#sequence, events: [event] }
    await intake.receive({ tenant, agent: device.uid, batch })
    this.#sequence += 1
  }
}

/** What cannot be read is told again. */
function readKept(bytes: Uint8Array | undefined): z.output<typeof keptSchema> | undefined {
  if (bytes === undefined) return undefined
  try {
    return keptSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}
