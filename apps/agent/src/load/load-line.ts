import { type AgentReport, HELLO_VERSION, type ServerMessage, serverMessageSchema } from '@vedette/model'
import { batchFrame, packText } from '@vedette/model/batch-frame'
import { WebSocket } from 'ws'
import { type Identity, machineId, tlsOptions } from '../identity.ts'
import { generatedEvents } from './generated-events.ts'
import type { LatencyTally } from './latency-tally.ts'

/** The version that it speaks: batches as binary frames. */
const PROTOCOL = 2
const HANDSHAKE_MS = 60_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

export interface LoadLineOptions {
  readonly identity: Identity
  readonly hostname: string
  readonly run: string
  /** Events of a batch. */
  readonly batchEvents: number
  readonly acknowledged: LatencyTally
  readonly answered: LatencyTally
  /** 0 to 1. */
  readonly random: () => number
  readonly onWelcome: () => void
  /** It ended otherwise than by `close`; it comes again by itself. */
  readonly onLost: (reason: string) => void
}

/**
 * The line of one generated agent: the protocol of a real one, over TLS 1.3 with its certificate, without a spool. What is
 * not acknowledged stays in memory and is sent again when the line was lost.
 */
export class LoadLine {
  readonly #options: LoadLineOptions
  readonly #open = new Map<number, { readonly bytes: Buffer; readonly plainBytes: number; sentMs: number }>()
  #socket: WebSocket | undefined
  #timer: NodeJS.Timeout | undefined
  #pauseMs = FIRST_PAUSE_MS
  #window = { batches: 64, bytes: 8 << 20 }
  #bytes = 0
  #closed = false
  #pingMs: number | undefined
  #sequence = 0
  welcome = false
  acknowledgedBatches = 0
  refusedBatches = 0
  heartbeats = 0
  answers = 0
  /** Connections that were lost. */
  lost = 0
  lastAcknowledgedMs = 0

  constructor(options: LoadLineOptions) {
    this.#options = options
  }

  get batches(): number {
    return this.#sequence
  }

  /** Sequences that were sent and not answered. */
  get open(): number[] {
    return [...this.#open.keys()]
  }

  get hasRoom(): boolean {
    return this.welcome && this.#open.size < this.#window.batches && this.#bytes < this.#window.bytes
  }

  connect(): void {
    const { identity } = this.#options
    const socket = new WebSocket(`${identity.server.replace(/^http/, 'ws')}/agent/v1/stream`, {
      // The type that comes with ws says boolean of the check of the server; what it is handed to takes an error or nothing.
      ...(tlsOptions(identity) as object),
      headers: { 'x-vedette-machine': machineId() },
      perMessageDeflate: false,
      maxPayload: 1 << 20,
      handshakeTimeout: HANDSHAKE_MS,
    })
    this.#socket = socket
    let reason = 'closed'
    socket.on('open', () => {
      const { run } = this.#options
      this.#say({ type: 'hello', protocol: HELLO_VERSION, offers: [PROTOCOL], run, report: this.#report() })
    })
    socket.on('message', (data: Buffer) => this.#take(data))
    socket.on('pong', () => {
      if (this.#pingMs === undefined) return
      this.#options.answered.add(performance.now() - this.#pingMs)
      this.#pingMs = undefined
      this.answers += 1
    })
    socket.on('error', (error) => {
      reason = error.message
    })
    socket.on('close', (code) => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.welcome = false
      this.#pingMs = undefined
      if (this.#closed) return
      this.lost += 1
      this.#options.onLost(`${reason} (${code})`)
      this.#timer = setTimeout(() => this.connect(), this.#pauseMs * (0.5 + this.#options.random()))
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
    })
  }

  /** Sends the next batch, its events numbered on. */
  send(timeMs: number): void {
    const { identity, hostname, run, batchEvents: count } = this.#options
    const sequence = this.#sequence
    this.#sequence += 1
    const events = generatedEvents({
      agent: identity.agent,
      hostname,
      run,
      from: sequence * count,
      count,
      timeMs,
    })
    const packed = packText({ run, sequence, count }, events)
    const { plainBytes } = packed
    const bytes = batchFrame(packed)
    this.#open.set(sequence, { bytes, plainBytes, sentMs: performance.now() })
    this.#bytes += plainBytes
    this.#socket?.send(bytes)
  }

  /** Tells how it is, and asks for an answer behind it. */
  heartbeat(): void {
    if (!this.welcome) return
    this.heartbeats += 1
    this.#say({ type: 'report', report: this.#report() })
    if (this.#pingMs !== undefined) return
    this.#pingMs = performance.now()
    this.#socket?.ping()
  }

  /** Ends the connection without a word, as a machine does that loses its power, and comes back. */
  restart(): void {
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = undefined
    this.welcome = false
    this.#pingMs = undefined
    socket?.terminate()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#socket?.close(1000)
  }

  terminate(): void {
    this.#socket?.terminate()
  }

  #take(data: Buffer): void {
    const { success, data: message } = serverMessageSchema.safeParse(JSON.parse(data.toString('utf8')))
    if (!success) return
    const told = message as ServerMessage
    switch (told.type) {
      case 'welcome':
        this.welcome = true
        this.#pauseMs = FIRST_PAUSE_MS
        if (told.window) this.#window = told.window
        for (const batch of this.#open.values()) this.#socket?.send(batch.bytes)
        this.#options.onWelcome()
        return
      case 'stored':
      case 'refused': {
        const batch = this.#open.get(told.sequence)
        if (batch === undefined || told.run !== this.#options.run) return
        this.#open.delete(told.sequence)
        this.#bytes -= batch.plainBytes
        const nowMs = performance.now()
        if (told.type === 'refused') this.refusedBatches += 1
        else {
          this.acknowledgedBatches += 1
          this.lastAcknowledgedMs = nowMs
          this.#options.acknowledged.add(nowMs - batch.sentMs)
        }
        return
      }
      default:
        // What it is asked to do is done by nobody: it has no host.
        return
    }
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #report(): AgentReport {
    return {
      hostname: this.#options.hostname,
      kernel: 'none',
      version: 'load-test',
      bootId: this.#options.run,
      parts: [],
      blindSpots: [],
      spooled: this.#open.size,
      memoryBytes: 0,
    }
  }
}
