import { Buffer } from 'node:buffer'
import type { ProtocolName } from '@vedette/model'
import type {
  FlowEnds,
  ProtocolParser,
  ProtocolSession,
  Speaker,
  Tell,
  Wants,
} from '../protocols/protocol-parser.ts'
import type { StreamSink } from './tcp-stream.ts'

/** What an end said, or that so many of its bytes were missed, before the protocol was recognised. */
interface Said {
  readonly speaker: Speaker
  readonly bytes: Uint8Array | undefined
  readonly missed: number
  readonly timeMs: number
}

/** First bytes of an end in which protocols are looked for. */
const HEAD_BYTES = 4096
/** Datagrams in which they are looked for. */
const MOST_DATAGRAMS = 4
/** How often another protocol may follow the one before. */
const MOST_PROTOCOLS = 4

/** Finds out which protocol is spoken on a flow, by what is said and not by the port, and hands what is said to it. */
export class Dialogue implements StreamSink {
  readonly #ends: FlowEnds
  readonly #parsers: readonly ProtocolParser[]
  readonly #tell: Tell
  #session: ProtocolSession | undefined
  #over: boolean
  /** Until the protocol is recognised. */
  #said: Said[] = []
  #datagrams = 0
  /** One bit for each parser that does not know what this end says. */
  #clientNo = 0
  #serverNo = 0
  #clientBytes = 0
  #serverBytes = 0
  #followed = 1
  #app: ProtocolName | undefined
  #failure: unknown

  /** @param parsers those for the flow's transport, at most 31 */
  constructor(ends: FlowEnds, parsers: readonly ProtocolParser[], tell: Tell) {
    this.#ends = ends
    this.#parsers = parsers
    this.#tell = tell
    this.#over = parsers.length === 0
  }

  /** Nothing more needs to be handed to it. */
  get isOver(): boolean {
    return this.#over
  }

  /** The protocol that was recognised last. */
  get app(): ProtocolName | undefined {
    return this.#app
  }

  /** What a parser threw, which it must not: the flow is then no longer looked into. */
  get failure(): unknown {
    return this.#failure
  }

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number): void {
    if (this.#over || bytes.length === 0) return
    if (this.#session !== undefined) this.#hand(this.#session, speaker, bytes, timeMs)
    else if (this.#ends.transport === 'udp') this.#datagram(speaker, bytes, timeMs)
    else this.#beginning(speaker, bytes, timeMs)
  }

  gap(speaker: Speaker, length: number): void {
    if (this.#over) return
    if (this.#session !== undefined) this.#miss(this.#session, speaker, length)
    else if (this.#ends.transport === 'tcp')
      this.#said.push({ speaker, bytes: undefined, missed: length, timeMs: 0 })
  }

  end(timeMs: number): void {
    if (this.#over) return
    this.#over = true
    this.#said = []
    try {
      this.#session?.end(timeMs, this.#tell)
    } catch (error) {
      this.#failure = error
    }
    this.#session = undefined
  }

  #hand(session: ProtocolSession, speaker: Speaker, bytes: Uint8Array, timeMs: number): void {
    try {
      this.#follow(session.push(speaker, bytes, timeMs, this.#tell), timeMs)
    } catch (error) {
      this.#fail(error)
    }
  }

  #miss(session: ProtocolSession, speaker: Speaker, length: number): void {
    try {
      this.#follow(session.gap(speaker, length), 0)
    } catch (error) {
      this.#fail(error)
    }
  }

  #follow(wants: Wants, timeMs: number): void {
    if (wants === 'more') return
    if (wants === 'nothing' || this.#followed >= MOST_PROTOCOLS) {
      this.end(timeMs)
      return
    }
    this.#session?.end(timeMs, this.#tell)
    this.#session = undefined
    this.#followed += 1
    this.#clientNo = 0
    this.#serverNo = 0
    this.#clientBytes = 0
    this.#serverBytes = 0
    this.#datagrams = 0
  }

  #fail(error: unknown): void {
    this.#failure = error
    this.#over = true
    this.#session = undefined
  }

  #datagram(speaker: Speaker, bytes: Uint8Array, timeMs: number): void {
    this.#datagrams += 1
    const parser = this.#recognise(speaker, bytes)
    if (parser !== undefined) {
      this.#session = this.#open(parser)
      if (this.#session !== undefined) this.#hand(this.#session, speaker, bytes, timeMs)
    } else if (this.#datagrams >= MOST_DATAGRAMS) this.#over = true
    // The next datagram is a beginning of its own.
    this.#clientNo = 0
    this.#serverNo = 0
  }

  #beginning(speaker: Speaker, bytes: Uint8Array, timeMs: number): void {
    const isClient = speaker === 'client'
    const before = isClient ? this.#clientBytes : this.#serverBytes
    if (isClient) this.#clientBytes += bytes.length
    else this.#serverBytes += bytes.length
    const head = before === 0 ? bytes : this.#headOf(speaker, bytes)
    const parser = this.#recognise(speaker, head)
    if (parser !== undefined) {
      this.#begin(parser, speaker, bytes, timeMs)
      return
    }
    const all = 2 ** this.#parsers.length - 1
    const silent = this.#clientNo === all && this.#serverNo === all
    if (silent || before + bytes.length > HEAD_BYTES || this.#said.length >= 64) {
      this.#over = true
      this.#said = []
      return
    }
    this.#said.push({ speaker, bytes: bytes.slice(), missed: 0, timeMs })
  }

  /** Opens the session, and hands it what was said before and now. */
  #begin(parser: ProtocolParser, speaker: Speaker, bytes: Uint8Array, timeMs: number): void {
    const said = this.#said
    this.#said = []
    const session = this.#open(parser)
    this.#session = session
    if (session === undefined) return
    for (const earlier of said) {
      // It may have seen enough, or have given way to another one.
      if (this.#session !== session || this.#over) return
      if (earlier.bytes === undefined) this.#miss(session, earlier.speaker, earlier.missed)
      else this.#hand(session, earlier.speaker, earlier.bytes, earlier.timeMs)
    }
    if (this.#session === session && !this.#over) this.#hand(session, speaker, bytes, timeMs)
  }

  #open(parser: ProtocolParser): ProtocolSession | undefined {
    this.#app = parser.name
    try {
      return parser.open(this.#ends)
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  #headOf(speaker: Speaker, bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = []
    for (const said of this.#said)
      if (said.speaker === speaker && said.bytes !== undefined) parts.push(said.bytes)
    return parts.length === 0 ? bytes : Buffer.concat([...parts, bytes])
  }

  /** Those on whose port the flow is are asked first. */
  #recognise(speaker: Speaker, head: Uint8Array): ProtocolParser | undefined {
    const { serverPort, clientPort } = this.#ends
    for (const hinted of [true, false]) {
      for (const [at, parser] of this.#parsers.entries()) {
        const isHinted = parser.ports.includes(serverPort) || parser.ports.includes(clientPort)
        if (isHinted !== hinted) continue
        const bit = 1 << at
        if (((speaker === 'client' ? this.#clientNo : this.#serverNo) & bit) !== 0) continue
        const answer = this.#ask(parser, speaker, head)
        if (answer === 'yes') return parser
        if (answer === 'no') {
          if (speaker === 'client') this.#clientNo |= bit
          else this.#serverNo |= bit
        }
      }
    }
    return undefined
  }

  #ask(parser: ProtocolParser, speaker: Speaker, head: Uint8Array): 'yes' | 'no' | 'maybe' {
    try {
      return parser.recognise(speaker, head, this.#ends)
    } catch (error) {
      this.#failure = error
      return 'no'
    }
  }
}
