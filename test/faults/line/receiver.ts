import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { silentLogger, systemClock } from '@vedette/base'
import { type AgentId, type AgentReport, DEFAULT_TENANT, type EventBatch } from '@vedette/model'
import { WebSocketServer } from 'ws'
import { AgentConnection } from '../../../apps/server/src/agent/connection.ts'
import { Fleet } from '../../../apps/server/src/agent/fleet.ts'

/** The server's end of an agent's line, with a tally in the place of the stores: what came, by run and number. */
export class Receiver implements AsyncDisposable {
  readonly #server: WebSocketServer
  /** Events of each batch that came, by the run and then by the number. */
  readonly runs = new Map<string, Map<number, number>>()
  /** Batches that came again. The stores keep only one of them. */
  again = 0
  /** The same number with another count of events. */
  contradicted = 0
  events = 0
  refused = 0
  /** What the agent told of itself last. */
  lastReport: AgentReport | undefined
  /** Whether the stores fail now. */
  storeFails: () => boolean = () => false
  /** Told of each batch that came for the first time. */
  onBatch: (batch: EventBatch) => void = () => undefined

  private constructor(server: WebSocketServer, agent: AgentId) {
    this.#server = server
    const fleet = new Fleet(systemClock)
    server.on('connection', (socket) => {
      // It lives as long as its socket does.
      void new AgentConnection(socket, {
        tenant: DEFAULT_TENANT,
        agent,
        fleet,
        intake: {
          receive: ({ batch }) =>
            this.storeFails() ? Promise.reject(new Error('no space')) : Promise.resolve(this.#take(batch)),
          counters: () => ({ emitted: this.events, delivered: this.events, lost: 0 }),
          alertLatency: () => undefined,
        },
        log: silentLogger,
        onReport: ({ report }) => {
          this.lastReport = report
          return Promise.resolve()
        },
        onStored: () => undefined,
        onRefused: (events) => {
          this.refused += events
        },
        onLateResponse: () => Promise.resolve(),
        onReplaced: () => Promise.resolve(),
        mayJoin: () => true,
      })
    })
  }

  static async open(agent: AgentId, port = 0): Promise<Receiver> {
    const server = new WebSocketServer({ port, host: '127.0.0.1', maxPayload: 32 << 20 })
    await once(server, 'listening')
    return new Receiver(server, agent)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  #take(batch: EventBatch): void {
    const known = this.runs.get(batch.run) ?? new Map<number, number>()
    this.runs.set(batch.run, known)
    const before = known.get(batch.sequence)
    if (before !== undefined) {
      this.again += 1
      if (before !== batch.events.length) this.contradicted += 1
      return
    }
    known.set(batch.sequence, batch.events.length)
    this.events += batch.events.length
    this.onBatch(batch)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
