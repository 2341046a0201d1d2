import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Counters, Logger } from '@vedette/base'
import {
  type AgentMessage,
  type AgentReport,
  type AgentStanding,
  type EventBatch,
  type Gap,
  HELLO_VERSION,
  PROTOCOL_VERSIONS,
  type ResponseRequest,
  type ServerMessage,
  serverMessageSchema,
  type Window,
} from '@vedette/model'
import { batchFrame, packBatch, type PackedBatch, unpackBatch } from '@vedette/model/batch-frame'
import type { Spool, Urgency } from '@vedette/store'
import { type ClientOptions, WebSocket } from 'ws'

/** Batches that may be on their way at once, by number and by the size of their JSON; a server may grant less. */
const WINDOW: Window = { batches: 64, bytes: 8 << 20 }
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
const PING_MS = 10_000
const MAX_MESSAGE_BYTES = 1 << 20
/** Answers to respond requests that wait for a server that is away. */
const MAX_WAITING_ANSWERS = 1000
/** Batches that may be on their way to the disk while the next one is taken; they share its sync. */
const MAX_APPENDING = 4
const APPEND_PAUSE_MS = 1000

export interface UplinkOptions {
  readonly run: string
  /** How it shows who it is; asked for each line anew. */
  readonly credential: () => ClientOptions
  readonly spool: Spool
  readonly log: Logger
  readonly clock: Clock
  /** 0 to 1. */
  readonly random: () => number
  readonly report: () => AgentReport
  readonly onRespond: (request: ResponseRequest) => void
  readonly onWatch: (order: Extract<ServerMessage, { type: 'watch' }>) => void
  /** What the server assigns, and pieces of content that were asked for. Left out: they are passed over. */
  readonly onAssigned?: (message: Extract<ServerMessage, { type: 'assign' | 'content' }>) => void
  /** Told when the server does not take this agent with what it shows. */
  readonly onRefused?: () => void
  /** Told when the server takes batches, and when it is gone. */
  readonly onConnection: (connected: boolean) => void
}

/**
 * The agent's line to the server: one WebSocket, opened again with growing, scattered pauses whenever it is lost. Batches
 * go out in order, those of former runs first; at most 64 (8 MiB) are on their way at once; each leaves the spool when the
 * server has stored it, so what was under way when the line broke is sent again.
 */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #inFlight = new Map<string, { readonly sizeBytes: number; readonly events: number }>()
  /** Batches on their way to the disk, and those that went out before they were read back from it. */
  readonly #appending = new Map<string, Promise<void>>()
  readonly #early = new Set<string>()
  readonly #stop = new AbortController()
  readonly #answers: AgentMessage[] = []
  #bytes = 0
  #url: string | undefined
  #socket: WebSocket | undefined
  #welcome = false
  /** What this line was agreed on, in `welcome`. */
  #protocol: number = HELLO_VERSION
  #window = WINDOW
  /** Sequence of the last batch of this run that was offered, and of the last that is known to be sent on this line. */
  #offered = -1
  #sent: number | undefined
  #room: (() => void) | undefined
  #urlKnown: (() => void) | undefined
  #quiet: (() => void)[] = []
  #emitted = 0
  #appendingEvents = 0
  #stored = 0
  #refused = 0

  constructor(options: UplinkOptions) {
    this.#options = options
  }

  get connected(): boolean {
    return this.#welcome
  }

  /** Batches that are under way. */
  get inFlight(): number {
    return this.#inFlight.size
  }

  /** In events: answered by the server, stored, and refused for good. */
  get counters(): Counters {
    return { emitted: this.#emitted, delivered: this.#stored, lost: this.#refused }
  }

  /** Events on their way to the disk. */
  get appendingEvents(): number {
    return this.#appendingEvents
  }

  /** Where the server is: `http://HOST:PORT`. Takes effect at the next try. */
  set url(url: string) {
    this.#url = url
    this.#urlKnown?.()
  }

  /**
   * Takes a batch into the spool and, when all before it were sent and there is room, sends it at the same time; otherwise
   * it follows from the spool. Resolves when the next one may come. A disk that is full is tried again every second.
   */
  async deliver(batch: EventBatch): Promise<void> {
    const next = this.#sent === batch.sequence - 1
    this.#offered = batch.sequence
    const id = key(batch.run, batch.sequence)
    const appending = this.#append(batch, 'bulk').finally(() => this.#appending.delete(id))
    this.#appending.set(id, appending)
    if (next && this.#welcome && this.#hasRoom()) {
      this.#early.add(id)
      this.#sendBatch(packBatch(batch))
    }
    if (this.#appending.size >= MAX_APPENDING) await Promise.race(this.#appending.values())
  }

  /**
   * Takes a batch that must not wait for others: into the spool as all are, and at the same time to the server, also when
   * much is under way. Such batches are few, and of a run of their own, since they overtake.
   */
  async deliverUrgent(batch: EventBatch): Promise<void> {
    const id = key(batch.run, batch.sequence)
    const appending = this.#append(batch, 'urgent').finally(() => this.#appending.delete(id))
    this.#appending.set(id, appending)
    if (this.#welcome) {
      this.#early.add(id)
      this.#sendBatch(packBatch(batch))
    }
    await appending
  }

  /** Has a loss noted on disk; a disk that is full is tried again every second. */
  async declare(gap: Gap): Promise<void> {
    await this.#tryUntilDone(() => this.#options.spool.declare(gap), gap.from)
  }

  async #append(batch: EventBatch, urgency: Urgency): Promise<void> {
    this.#appendingEvents += batch.events.length
    const isDone = await this.#tryUntilDone(() => this.#options.spool.append(batch, urgency), batch.sequence)
    if (isDone) this.#appendingEvents -= batch.events.length
  }

  async #tryUntilDone(act: () => Promise<unknown>, sequence: number): Promise<boolean> {
    const { log } = this.#options
    while (!this.#stop.signal.aborted) {
      try {
        await act()
        return true
      } catch (error) {
        log.error({ error, sequence }, 'a batch could not be kept on disk and is tried again')
        await delay(APPEND_PAUSE_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined)
      }
    }
    return false
  }

  /** Ends the line, so that the next one is opened with what is known of the agent now. */
  reconnect(): void {
    this.#socket?.close(1000)
  }

  /** Sends a report, when there is a line. */
  report(report: AgentReport): void {
    if (this.#welcome) this.#send({ type: 'report', report })
  }

  /** Tells what became of what was assigned, when there is a line on which that is spoken of. */
  stand(standing: AgentStanding): void {
    if (this.#welcome && this.#protocol >= 3) this.#send({ type: 'standing', standing })
  }

  /** Asks for a piece of content. */
  fetch(sha256: string, offset: number): void {
    if (this.#welcome && this.#protocol >= 3) this.#send({ type: 'fetch', sha256, offset })
  }

  /** Sends an answer; it waits when there is no line. */
  answer(message: Extract<AgentMessage, { type: 'response' }>): void {
    if (this.#welcome) return this.#send(message)
    if (this.#answers.length >= MAX_WAITING_ANSWERS) {
      this.#answers.shift()
      this.#options.log.warn({}, 'an answer to the server was dropped: too many wait')
    }
    this.#answers.push(message)
  }

  /** Resolves when nothing waits and nothing is under way, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs)
    const busy = () => this.#options.spool.waiting + this.#inFlight.size + this.#appending.size > 0
    while (!timeout.aborted && busy()) {
      await new Promise<void>((resolve) => {
        this.#quiet.push(resolve)
        timeout.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    while (!signal.aborted) {
      const url = await this.#waitForUrl(signal)
      if (url === undefined) return
      const wasWelcome = await this.#connection(url, signal)
      if (wasWelcome) pauseMs = FIRST_PAUSE_MS
      await delay(pauseMs * (0.5 + this.#options.random()), undefined, { signal }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
    this.#stop.abort()
  }

  async #waitForUrl(signal: AbortSignal): Promise<string | undefined> {
    while (this.#url === undefined && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#urlKnown = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return signal.aborted ? undefined : this.#url
  }

  /** One line from its opening to its end. @returns whether the server had welcomed us */
  async #connection(url: string, signal: AbortSignal): Promise<boolean> {
    const { log, credential, run } = this.#options
    const ended = new AbortController()
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/agent/v1/stream`, {
      ...credential(),
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: 5000,
    })
    this.#socket = socket
    let alive = true
    let welcomed = false
    let pump: Promise<void> = Promise.resolve()
    const ping = setInterval(() => {
      if (!alive) return socket.terminate()
      alive = false
      if (socket.readyState === WebSocket.OPEN) socket.ping()
    }, PING_MS)
    const close = () => socket.close(1000)
    signal.addEventListener('abort', close, { once: true })
    await new Promise<void>((resolve) => {
      socket.on('open', () => {
        const report = this.#options.report()
        this.#send({ type: 'hello', protocol: HELLO_VERSION, offers: PROTOCOL_VERSIONS, run, report })
      })
      socket.on('pong', () => {
        alive = true
      })
      socket.on('message', (data: Buffer) => {
        alive = true
        const message = parse(data.toString('utf8'))
        if (message === undefined)
          return log.warn({}, 'the server sent something that is not of the protocol')
        if (message.type === 'welcome' && !welcomed) {
          const { protocol = HELLO_VERSION, window = WINDOW } = message
          if (!PROTOCOL_VERSIONS.some((version) => version === protocol)) {
            log.error({ protocol }, 'the server chose a version that was not offered')
            return socket.close(1002)
          }
          welcomed = true
          this.#protocol = protocol
          this.#window = {
            batches: Math.min(window.batches, WINDOW.batches),
            bytes: Math.min(window.bytes, WINDOW.bytes),
          }
          pump = this.#begin(ended.signal)
        } else this.#take(message)
      })
      socket.on('error', (error) => {
        log.debug({ error }, 'the line to the server failed')
        if (/server response: 40[13]$/.test(error.message)) this.#options.onRefused?.()
      })
      socket.on('close', () => resolve())
      if (signal.aborted) close()
    })
    clearInterval(ping)
    signal.removeEventListener('abort', close)
    ended.abort()
    this.#end(welcomed)
    await pump
    return welcomed
  }

  /** The server takes batches from now on. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { spool, log, onConnection } = this.#options
    this.#welcome = true
    const waiting = spool.waiting
    this.#sent = waiting === 0 && this.#appending.size === 0 ? this.#offered : undefined
    for (const answer of this.#answers.splice(0)) this.#send(answer)
    onConnection(true)
    let seen = 0
    try {
      for await (const batch of spool.pending(signal)) {
        seen += 1
        if (this.#early.has(key(batch.run, batch.sequence))) continue
        await this.#waitForRoom(signal)
        if (signal.aborted) return
        this.#sendBatch(batch)
        // All that there was is under way: the next one of this run need not take the way over the disk.
        if (this.#sent === undefined && seen >= waiting && this.#offered === -1) this.#sent = -1
      }
    } catch (error) {
      log.error({ error }, 'the spool cannot be read')
      this.#socket?.close(1011)
    }
  }

  #end(wasWelcome: boolean): void {
    this.#welcome = false
    this.#sent = undefined
    this.#socket = undefined
    this.#inFlight.clear()
    this.#early.clear()
    this.#bytes = 0
    this.#room?.()
    this.#wakeQuiet()
    if (wasWelcome) this.#options.onConnection(false)
  }

  #take(message: ServerMessage): void {
    const { log, onRespond, onWatch } = this.#options
    switch (message.type) {
      case 'stored':
      case 'refused': {
        const id = key(message.run, message.sequence)
        const batch = this.#inFlight.get(id)
        if (batch === undefined) return
        this.#inFlight.delete(id)
        this.#bytes -= batch.sizeBytes
        this.#emitted += batch.events
        if (message.type === 'stored') this.#stored += batch.events
        else {
          this.#refused += batch.events
          log.error({ sequence: message.sequence, reason: message.reason }, 'the server refused a batch')
        }
        this.#room?.()
        void this.#forget(message.run, message.sequence)
        return
      }
      case 'respond':
        return onRespond(message.request)
      case 'watch':
        return onWatch(message)
      case 'assign':
      case 'content':
        return this.#options.onAssigned?.(message)
      case 'welcome':
        return
    }
  }

  /** Takes a batch from the spool, once it is in it. */
  async #forget(run: string, sequence: number): Promise<void> {
    const { spool, log } = this.#options
    try {
      await this.#appending.get(key(run, sequence))
      await spool.acknowledge(run, sequence)
    } catch (error) {
      log.error({ error }, 'a batch could not be taken from the spool')
    }
    this.#early.delete(key(run, sequence))
    this.#wakeQuiet()
  }

  #sendBatch(batch: PackedBatch): void {
    const { data, sizeBytes } = this.#frame(batch)
    this.#inFlight.set(key(batch.run, batch.sequence), { sizeBytes, events: batch.count })
    this.#bytes += sizeBytes
    if (batch.run === this.#options.run) this.#sent = batch.sequence
    this.#socket?.send(data)
  }

  /** A batch as the version of this line has it. */
  #frame(batch: PackedBatch): { readonly data: string | Buffer; readonly sizeBytes: number } {
    if (this.#protocol < 2) {
      const data = JSON.stringify({ type: 'batch', batch: unpackBatch(batch) } satisfies AgentMessage)
      return { data, sizeBytes: data.length }
    }
    return { data: batchFrame(batch), sizeBytes: batch.plainBytes }
  }

  #send(message: AgentMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #hasRoom(): boolean {
    return this.#inFlight.size < this.#window.batches && this.#bytes < this.#window.bytes
  }

  async #waitForRoom(signal: AbortSignal): Promise<void> {
    while (!this.#hasRoom() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#room = resolve
      })
      this.#room = undefined
    }
  }

  #wakeQuiet(): void {
    for (const wake of this.#quiet.splice(0)) wake()
  }
}

function key(run: string, sequence: number): string {
  return `${run}/${sequence}`
}

function parse(text: string): ServerMessage | undefined {
  try {
    const { success, data } = serverMessageSchema.safeParse(JSON.parse(text))
    return success ? (data as ServerMessage) : undefined
  } catch {
    return undefined
  }
}
