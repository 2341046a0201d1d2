import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Secret, silentLogger, systemClock } from '@vedette/base'
import type { AgentId, Event, EventBatch, EventId } from '@vedette/model'
import type { Spool } from '@vedette/store'
import { Keyring, masterKeySource, spoolKeys } from '@vedette/store/keys'
import { openSpool } from '@vedette/store/spool'
import { newKey } from '../../../apps/agent/src/certificate-request.ts'
import { enrol, fetchAuthority } from '../../../apps/agent/src/enrol.ts'
import { type Identity, machineId, tlsOptions } from '../../../apps/agent/src/identity.ts'
import { Uplink } from '../../../apps/agent/src/uplink.ts'
import { launch } from '../../../packages/store/src/testing/sample-events.ts'
import { report } from '../line/report.ts'
import { ATTACK, type ServerUnderFaults } from './server-under-faults.ts'

/** Between two events, as they say: attacks are far enough from each other that none is a repeat of the one before. */
const EVENT_MS = 10

export interface FleetAgentOptions {
  readonly folder: string
  readonly batchEvents: number
  /** One event of so many is an attack. */
  readonly attackEvery: number
  readonly random: () => number
}

/** An agent of a fleet: a real spool and a real line with a certificate of its own; what it sees it makes up, numbered. */
export class FleetAgent implements AsyncDisposable {
  readonly id: AgentId
  readonly run = randomBytes(8).toString('hex')
  readonly spool: Spool
  readonly #uplink: Uplink
  readonly #options: FleetAgentOptions
  readonly #startMs = Date.now()
  readonly #stop = new AbortController()
  readonly #line: Promise<void>
  /** Events given to it. */
  made = 0
  #sequence = 0
  /** Batches that the server says it has, and how many events each holds. */
  readonly acknowledged = new Map<number, number>()
  readonly attacks = new Set<EventId>()

  private constructor(identity: Identity, spool: Spool, options: FleetAgentOptions) {
    this.id = identity.agent as AgentId
    this.spool = spool
    this.#options = options
    const telling: Spool = Object.create(spool, {
      waiting: { get: () => spool.waiting },
      pending: { value: (signal: AbortSignal) => spool.pending(signal) },
      append: { value: (...batch: Parameters<Spool['append']>) => spool.append(...batch) },
      acknowledge: {
        value: (run: string, sequence: number) => {
          this.acknowledged.set(sequence, Math.min(options.batchEvents, this.made))
          return spool.acknowledge(run, sequence)
        },
      },
    }) as Spool
    const machine = machineId()
    this.#uplink = new Uplink({
      run: this.run,
      credential: () => ({ ...(tlsOptions(identity) as object), headers: { 'x-vedette-machine': machine } }),
      spool: telling,
      log: silentLogger,
      clock: systemClock,
      random: options.random,
      report: () => ({ ...report, hostname: `host-${this.id}`, spooled: spool.waiting }),
      onRespond: () => undefined,
      onWatch: () => undefined,
      onConnection: () => undefined,
    })
    this.#uplink.url = identity.server
    this.#line = this.#uplink.run(this.#stop.signal)
  }

  /** Enrols agents with a server, each as a host of its own. */
  static async enrolAll(server: ServerUnderFaults, all: readonly FleetAgentOptions[]): Promise<FleetAgent[]> {
    const { server: url, fingerprint, secret } = await server.enrolmentSecret(all.length)
    const authority = await fetchAuthority(url, fingerprint)
    const agents: FleetAgent[] = []
    for (const options of all) {
      const identity = await enrol({
        server: url,
        authority,
        key: newKey(),
        secret: new Secret(secret),
        hostname: `host-${agents.length}`,
        now: Date.now(),
      })
      if ('state' in identity) throw new Error('an agent has to wait for its approval')
      const spool = await openSpool(options.folder, {
        log: silentLogger,
        keys: spoolKeys(
          Keyring.open({
            folder: join(options.folder, 'keys'),
            master: masterKeySource(options.folder),
            clock: systemClock,
          }),
        ),
      })
      agents.push(new FleetAgent(identity, spool, options))
    }
    return agents
  }

  get connected(): boolean {
    return this.#uplink.connected
  }

  /** Events that the server refused for good. */
  get refused(): number {
    return this.#uplink.counters.lost
  }

  /** Sees one more batch; resolves when the next one may come. */
  async see(): Promise<void> {
    const { batchEvents } = this.#options
    const batch: EventBatch = {
      run: this.run,
      sequence: this.#sequence,
      events: Array.from({ length: batchEvents }, (_, index) => this.#event(this.made + index)),
    }
    this.#sequence += 1
    this.made += batchEvents
    await this.#uplink.deliver(batch)
  }

  #event(number: number): Event {
    const isAttack = number % this.#options.attackEvery === this.#options.attackEvery - 1
    const event = launch(number, {
      agent: this.id,
      run: this.run,
      time: this.#startMs + number * EVENT_MS,
      cmdLine: isAttack ? `${ATTACK} --number ${this.id}-${number}` : `tool --number ${number}`,
      uid: `${this.run.slice(0, 8)}-${number + 2}-${number}`,
    })
    if (isAttack) this.attacks.add(event.id)
    return event
  }

  async settled(timeoutMs: number): Promise<void> {
    await this.#uplink.settled(timeoutMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#line
    await this.spool[Symbol.asyncDispose]()
  }
}
