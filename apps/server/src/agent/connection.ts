import type { Logger } from '@vedette/base'
import type { Intake } from '@vedette/manager'
import type {
  AgentId,
  AgentMessage,
  AgentStanding,
  EventBatch,
  ProtocolVersion,
  ResponseResult,
  ServerMessage,
  TenantId,
} from '@vedette/model'
import type { WebSocket } from 'ws'
import type { AgentLink, Fleet } from './fleet.ts'
import { foreignEvent, readBinaryFrame, readFrame, versionFor } from './messages.ts'

/** Batches of one agent that may be on their way to the disk at a time; then its socket is not read any further. */
export const MAX_IN_FLIGHT = 64
/** Their bytes on the wire of version 1, or of the JSON that they are unpacked to; the agent is told. */
const MAX_IN_FLIGHT_BYTES = 32 << 20
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

type Told = Extract<AgentMessage, { type: 'hello' | 'report' }>

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
  readonly onReport: (message: Told) => Promise<void>
  /** The agent told what became of what it was assigned, or asks for content. */
  readonly onStanding?: (standing: AgentStanding) => Promise<void>
  readonly onFetch?: (sha256: string, offset: number) => Promise<void>
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
  /** Agreed in `hello`. */
  #version: ProtocolVersion | undefined
  #isWelcome = false
  #alive = true
  #paused = false
  #closing = false
  /** What the agent told of itself last and is not being kept yet, and the keeping of what came before. */
  #untold: Told | undefined
  #keeping: Promise<void> | undefined
  readonly #deliveries = new Set<Promise<void>>()
  #bytes = 0

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.tenant = options.tenant
    this.agent = options.agent
    this.#socket = socket
    this.#options = options
    this.#log = options.log
    this.#helloTimer = setTimeout(() => socket.close(CLOSE.protocol, 'no hello'), HELLO_WITHIN_MS)
    this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS)
    // Between two reports these say that the agent is there: a halted one answers nothing and asks nothing.
    const sign = () => {
      this.#alive = true
      this.#options.fleet.heard(this)
    }
    socket.on('pong', sign)
    socket.on('ping', sign)
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
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

  get version(): number {
    return this.#isWelcome ? (this.#version ?? 1) : 0
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

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#closing) return
    this.#alive = true
    const greeted = this.#version !== undefined
    if (isBinary && (this.#version ?? 1) < 2) {
      this.#socket.close(CLOSE.badMessage, 'a binary frame before version 2 was agreed')
      return
    }
    const frame = isBinary ? readBinaryFrame(data) : readFrame(data.toString('utf8'))
    if (!frame.ok) {
      this.#log.warn({ reason: frame.reason }, 'message of an agent is refused')
      if (frame.batch && greeted) this.send({ type: 'refused', ...frame.batch, reason: frame.reason })
      else this.#socket.close(CLOSE.badMessage, frame.reason.slice(0, 100))
      return
    }
    const { message } = frame
    if (greeted) this.#options.fleet.heard(this)
    if ((message.type === 'hello') === greeted) {
      this.#socket.close(CLOSE.protocol, greeted ? 'a second hello' : 'hello comes first')
      return
    }
    switch (message.type) {
      case 'hello':
        this.#greet(message)
        break
      case 'batch':
        this.#take(message.batch, frame.sizeBytes)
        break
      case 'report':
        this.#aside(this.#keepReport(message))
        break
      case 'standing':
        this.#aside(this.#options.onStanding?.(message.standing))
        break
      case 'fetch':
        this.#aside(this.#options.onFetch?.(message.sha256, message.offset))
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
    const version = versionFor(message)
    if (typeof version === 'string') {
      this.#log.warn({ reason: version }, 'agent is turned away')
      this.#socket.close(CLOSE.protocol, version)
      return
    }
    if (!this.#options.mayJoin(message.run)) {
      this.#socket.close(CLOSE.cloned, 'another host speaks for this agent')
      return
    }
    this.#version = version
    const replaced = this.#options.fleet.join(this)
    if (replaced) this.#aside(this.#options.onReplaced())
    // Nothing is welcome before the host is known: its events would be of a host that nobody sees.
    this.#keepReport(message).then(
      () => {
        this.send(welcome(this.agent, version))
        this.#isWelcome = true
      },
      (error: unknown) => this.#tryAgain(error),
    )
  }

  #take(batch: EventBatch, sizeBytes: number): void {
    const { run, sequence, events } = batch
    const { length: count } = events
    const foreign = foreignEvent(batch, this.agent)
    if (foreign !== undefined) {
      this.#log.warn({ run, sequence, reason: foreign }, 'batch of an agent is refused')
      this.send({ type: 'refused', run, sequence, reason: foreign })
      this.#options.onRefused(count)
      return
    }
    const delivery = this.#options.intake.receive({ tenant: this.tenant, agent: this.agent, batch }).then(
      () => {
        this.send({ type: 'stored', run, sequence })
        this.#options.onStored(count)
      },
      (error: unknown) => this.#tryAgain(error),
    )
    this.#deliveries.add(delivery)
    this.#bytes += sizeBytes
    this.#regulate()
    void delivery.finally(() => {
      this.#deliveries.delete(delivery)
      this.#bytes -= sizeBytes
      this.#regulate()
    })
  }

  /** A full house is not read any further, so that TCP holds the agent back. */
  #regulate(): void {
    if (this.#closing) return
    const fill = Math.max(this.#deliveries.size / MAX_IN_FLIGHT, this.#bytes / MAX_IN_FLIGHT_BYTES)
    if (!this.#paused && fill >= 1) {
      this.#paused = true
      this.#socket.pause()
    } else if (this.#paused && fill <= 0.5) {
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

  /** One after the other, so that an older report never takes the place of a newer one; of those that wait the last counts. */
  #keepReport(message: Told): Promise<void> {
    this.#untold = message
    this.#keeping ??= this.#keepReports()
    return this.#keeping
  }

  async #keepReports(): Promise<void> {
    try {
      for (let told = this.#untold; told !== undefined; told = this.#untold) {
        this.#untold = undefined
        await this.#options.onReport(told)
      }
    } finally {
      this.#keeping = undefined
    }
  }

  #aside(work: Promise<void> | undefined): void {
    work?.catch((error: unknown) => this.#log.error({ error }, 'what an agent told could not be kept'))
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

/** Version 1 knows neither a version nor a window. */
function welcome(agent: AgentId, version: ProtocolVersion): ServerMessage {
  if (version === 1) return { type: 'welcome', agent }
  const window = { batches: MAX_IN_FLIGHT, bytes: MAX_IN_FLIGHT_BYTES }
  return { type: 'welcome', agent, protocol: version, window }
}
