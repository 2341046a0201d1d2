import type { Logger } from '@vedette/base'
import type { Intake } from '@vedette/manager'
import type {
  AgentId,
  AgentMessage,
  EventBatch,
  ResponseResult,
  ServerMessage,
  TenantId,
} from '@vedette/model'
import type { WebSocket } from 'ws'
import type { AgentLink, Fleet } from './fleet.ts'
import { foreignEvent, readFrame, wrongProtocol } from './messages.ts'

/** Batches of one agent that may be on their way to the disk at a time; then its socket is not read any further. */
export const MAX_IN_FLIGHT = 64
/** Time for `hello`. */
const HELLO_WITHIN_MS = 10_000
const PING_EVERY_MS = 10_000
/** Time for a removed agent to answer the close. */
const END_WITHIN_MS = 250
/** Bytes that may wait for an agent that does not read. */
const MAX_BUFFERED_BYTES = 8 << 20

/** RFC 6455, 7.4.1, and our own: 4000 to 4999 are for applications. */
const CLOSE = {
  protocol: 1002,
  badMessage: 1007,
  tryAgain: 1013,
  removed: 4403,
  replaced: 4409,
  cloned: 4410,
} as const

export interface ConnectionOptions {
  readonly tenant: TenantId
  readonly agent: AgentId
  /** Of the certificate that it came with. */
  readonly serial?: string
  readonly fleet: Fleet
  readonly intake: Intake
  readonly log: Logger
  /** Whether this run may speak for the agent; when two runs share its identity, one may not. */
  readonly mayJoin: (run: string) => boolean
  /** The agent told of itself. */
  readonly onReport: (message: Extract<AgentMessage, { type: 'hello' | 'report' }>) => Promise<void>
  readonly onStored: (events: number) => void
  readonly onRefused: (events: number) => void
  /** An answer that nobody waits for: a late one, or the end of a lease. */
  readonly onLateResponse: (result: ResponseResult) => Promise<void>
  /** It took the place of another connection with the same credential. */
  readonly onReplaced: () => Promise<void>
}

/**
 * One agent's connection: `hello` and `welcome`, then batches, each acknowledged once it is stored. It ends with the
 * socket.
 */
export class AgentConnection implements AgentLink {
  readonly tenant: TenantId
  readonly agent: AgentId
  readonly #socket: WebSocket
  readonly #options: ConnectionOptions
  readonly #log: Logger
  readonly #helloTimer: NodeJS.Timeout
  readonly #pingTimer: NodeJS.Timeout
  #greeted = false
  #alive = true
  #paused = false
  #closing = false
  readonly #deliveries = new Set<Promise<void>>()

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.tenant = options.tenant
    this.agent = options.agent
    this.#socket = socket
    this.#options = options
    this.#log = options.log
    this.#helloTimer = setTimeout(() => socket.close(CLOSE.protocol, 'no hello'), HELLO_WITHIN_MS)
    this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS)
    socket.on('pong', () => {
      this.#alive = true
    })
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? '' : (data as Buffer).toString('utf8')))
    socket.on('error', (error) => this.#log.warn({ error }, 'connection of an agent failed'))
    socket.on('close', () => this.#end())
  }

  send(message: ServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#log.warn({}, 'agent does not read what it is sent')
      this.#socket.terminate()
      return
    }
    this.#socket.send(JSON.stringify(message))
  }

  get isHeldBack(): boolean {
    return this.#paused
  }

  replace(): void {
    this.#socket.close(CLOSE.replaced, 'another connection took this place')
  }

  remove(): void {
    this.#socket.close(CLOSE.removed, 'this agent was removed')
    // One that does not answer the close is not waited for.
    setTimeout(() => this.#socket.terminate(), END_WITHIN_MS).unref()
  }

  get serial(): string | undefined {
    return this.#options.serial
  }

  /** Takes nothing more and resolves once what was taken is stored or has failed. */
  async settled(): Promise<void> {
    this.#closing = true
    this.#socket.pause()
    await Promise.allSettled(this.#deliveries)
    this.#socket.resume()
  }

  #receive(text: string): void {
    if (this.#closing) return
    this.#alive = true
    const frame = readFrame(text)
    if (!frame.ok) {
      this.#log.warn({ reason: frame.reason }, 'message of an agent is refused')
      if (frame.batch && this.#greeted) this.send({ type: 'refused', ...frame.batch, reason: frame.reason })
      else this.#socket.close(CLOSE.badMessage, frame.reason.slice(0, 100))
      return
    }
    const { message } = frame
    if (this.#greeted) this.#options.fleet.heard(this)
    if ((message.type === 'hello') === this.#greeted) {
      this.#socket.close(CLOSE.protocol, this.#greeted ? 'a second hello' : 'hello comes first')
      return
    }
    switch (message.type) {
      case 'hello':
        this.#greet(message)
        break
      case 'batch':
        this.#take(message.batch)
        break
      case 'report':
        this.#aside(this.#options.onReport(message))
        break
      case 'response':
        if (message.result.agent !== this.agent) {
          this.#socket.close(CLOSE.protocol, 'a response of another agent')
        } else if (!this.#options.fleet.settle(this, message.result)) {
          this.#aside(this.#options.onLateResponse(message.result))
        }
        break
    }
  }

  #greet(message: Extract<AgentMessage, { type: 'hello' }>): void {
    clearTimeout(this.#helloTimer)
    const wrong = wrongProtocol(message.protocol)
    if (wrong !== undefined) {
      this.#log.warn({ reason: wrong }, 'agent is turned away')
      this.#socket.close(CLOSE.protocol, wrong)
      return
    }
    if (!this.#options.mayJoin(message.run)) {
      this.#socket.close(CLOSE.cloned, 'another host speaks for this agent')
      return
    }
    this.#greeted = true
    const replaced = this.#options.fleet.join(this)
    if (replaced) this.#aside(this.#options.onReplaced())
    // Nothing is welcome before the host is known: its events would be of a host that nobody sees.
    this.#options.onReport(message).then(
      () => this.send({ type: 'welcome', agent: this.agent }),
      (error: unknown) => this.#tryAgain(error),
    )
  }

  #take(batch: EventBatch): void {
    const { run, sequence } = batch
    const foreign = foreignEvent(batch, this.agent)
    if (foreign !== undefined) {
      this.#log.warn({ run, sequence, reason: foreign }, 'batch of an agent is refused')
      this.send({ type: 'refused', run, sequence, reason: foreign })
      this.#options.onRefused(batch.events.length)
      return
    }
    const delivery = this.#options.intake.receive({ tenant: this.tenant, agent: this.agent, batch }).then(
      () => {
        this.send({ type: 'stored', run, sequence })
        this.#options.onStored(batch.events.length)
      },
      (error: unknown) => this.#tryAgain(error),
    )
    this.#deliveries.add(delivery)
    this.#regulate()
    void delivery.finally(() => {
      this.#deliveries.delete(delivery)
      this.#regulate()
    })
  }

  /** A full house is not read any further, so that TCP holds the agent back. */
  #regulate(): void {
    if (this.#closing) return
    if (!this.#paused && this.#deliveries.size >= MAX_IN_FLIGHT) {
      this.#paused = true
      this.#socket.pause()
    } else if (this.#paused && this.#deliveries.size <= MAX_IN_FLIGHT / 2) {
      this.#paused = false
      this.#socket.resume()
    }
  }

  /** Nothing was stored, so nothing is acknowledged: the agent connects anew and sends it again from its spool. */
  #tryAgain(error: unknown): void {
    this.#log.error({ error }, 'what an agent sent could not be stored')
    // A paused socket would not see the answer to the close.
    this.#socket.resume()
    this.#socket.close(CLOSE.tryAgain, 'cannot store now')
  }

  #aside(work: Promise<void>): void {
    work.catch((error: unknown) => this.#log.error({ error }, 'what an agent told could not be kept'))
  }

  /** While the socket is paused its pongs cannot be read: silence is then our own doing. */
  #ping(): void {
    if (!this.#alive && !this.#paused) {
      this.#socket.terminate()
      return
    }
    this.#alive = false
    this.#socket.ping()
  }

  #end(): void {
    clearTimeout(this.#helloTimer)
    clearInterval(this.#pingTimer)
    this.#options.fleet.leave(this)
  }
}
