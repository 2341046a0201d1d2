import type { QuicFacts } from '@vedette/model'
import { hex } from '../bytes/text.ts'
import type { ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { readClientHello } from '../tls/client-hello.ts'
import { readServerHello } from '../tls/server-hello.ts'
import { CryptoStream } from './crypto-stream.ts'
import { readFrames } from './frames.ts'
import { readGoogleHello } from './google-hello.ts'
import { type InitialKeys, initialKeys } from './initial-keys.ts'
import { type LongHeader, readLongHeader } from './long-header.ts'
import { openInitial } from './open-initial.ts'

/** Packets in one datagram (RFC 9000, 12.2): one of each kind is usual. */
const MOST_PACKETS = 8
/** What is looked at before the server's hello, and what cannot be opened: then it is given up. */
const MOST_DATAGRAMS = 64
const MOST_UNOPENED = 8
const message = { clientHello: 1, serverHello: 2 } as const

/** A QUIC connection up to the server's hello. Each hello is told as soon as it is whole. */
export class QuicSession implements ProtocolSession {
  readonly #streams = { client: new CryptoStream(), server: new CryptoStream() }
  #keys: Readonly<Record<Speaker, InitialKeys>> | undefined
  /** Whose first connection id the keys are made of. */
  #keysOf = ''
  #isRetried = false
  #hasClientHello = false
  #datagrams = 0
  #unopened = 0
  #isOver = false

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    if (this.#isOver) return 'nothing'
    this.#datagrams += 1
    let rest = bytes
    for (let n = 0; n < MOST_PACKETS && rest.length > 0 && !this.#isOver; n += 1) {
      const header = readLongHeader(rest)
      if (header === undefined) break
      if (header.version.salt === undefined) this.#google(speaker, header, timeMs, tell)
      else if (header.kind === 'retry') this.#isRetried ||= speaker === 'server'
      else if (header.kind === 'initial') this.#initial(speaker, header, timeMs, tell)
      rest = rest.subarray(header.packet.length)
    }
    if (this.#datagrams >= MOST_DATAGRAMS || this.#unopened > MOST_UNOPENED) this.#isOver = true
    return this.#isOver ? 'nothing' : 'more'
  }

  gap(): Wants {
    return this.#isOver ? 'nothing' : 'more'
  }

  end(): void {
    this.#isOver = true
  }

  #initial(speaker: Speaker, header: LongHeader, timeMs: number, tell: Tell): void {
    const frames = this.#open(speaker, header)
    if (frames === undefined) {
      this.#unopened += 1
      return
    }
    if (speaker === 'client' && this.#hasClientHello) return
    const stream = this.#streams[speaker]
    readFrames(frames, stream)
    const found = stream.message()
    if (found === undefined) return
    if (speaker === 'client') {
      const hello = found.type === message.clientHello ? readClientHello(found.body, 'q') : undefined
      stream.clear()
      if (hello === undefined) return
      this.#hasClientHello = true
      this.#tell('client_hello', header, hello.facts, timeMs, tell)
    } else {
      const hello = found.type === message.serverHello ? readServerHello(found.body) : undefined
      this.#isOver = hello?.isRetry !== true
      if (hello !== undefined) this.#tell('server_hello', header, hello.facts, timeMs, tell)
      stream.clear()
    }
  }

  /** A client that was sent a Retry begins anew, with keys of the connection id that it was given (RFC 9001, 5.2). */
  #open(speaker: Speaker, { version, packet, numberAt, destination }: LongHeader): Uint8Array | undefined {
    const frames = this.#keys === undefined ? undefined : openInitial(packet, numberAt, this.#keys[speaker])
    if (frames !== undefined || speaker === 'server') return frames
    const connectionId = hex(destination)
    if (this.#keys !== undefined && this.#keysOf === connectionId) return undefined
    const keys = initialKeys(version, destination)
    const opened = keys === undefined ? undefined : openInitial(packet, numberAt, keys.client)
    if (opened === undefined) return undefined
    this.#keys = keys
    this.#keysOf = connectionId
    this.#hasClientHello = false
    this.#streams.client.clear()
    this.#streams.server.clear()
    return opened
  }

  #google(speaker: Speaker, header: LongHeader, timeMs: number, tell: Tell): void {
    if (speaker === 'server') return
    const hello = readGoogleHello(header.version.name, header.packet, header.numberAt)
    if (hello !== undefined) this.#tell('client_hello', header, hello, timeMs, tell)
  }

  #tell(
    type: QuicFacts['type'],
    header: LongHeader,
    facts: Partial<QuicFacts>,
    timeMs: number,
    tell: Tell,
  ): void {
    const quic: QuicFacts = {
      ...facts,
      type,
      quic_version: header.version.name,
      dst_connection_id: hex(header.destination),
      src_connection_id: hex(header.source),
      ...(this.#isRetried ? { retried: true } : {}),
    }
    tell('quic', { quic }, timeMs)
  }
}
