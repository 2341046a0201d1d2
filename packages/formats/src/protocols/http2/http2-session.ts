import { ByteQueue } from '../bytes/byte-queue.ts'
import { readMessage } from '../dns/message.ts'
import { looksLikeMessage } from '../dns/recognise.ts'
import type { ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { Exchange, Headers } from './exchange.ts'
import { frameFlag, FrameStream, frameType } from './frame-stream.ts'
import { HeaderDecoder } from './hpack.ts'

/** Exchanges that are open, and the characters that they keep: beyond, the oldest is told as it is. */
const MOST_OPEN = 64
const MOST_OPEN_COST = 8 * 1024
/** Headers in several frames (RFC 9113, 6.10). */
const MOST_BLOCK = 6 * 1024
/** A message of DNS over HTTPS (RFC 8484); one at a time of each end. */
const MOST_DNS = 1024
const DNS_MESSAGE = 'application/dns-message'

/** What is known of one end. */
interface End {
  readonly frames: FrameStream
  readonly decoder: HeaderDecoder
  readonly block: ByteQueue
  readonly dns: ByteQueue
  /** The stream whose headers go on in the next frame, and the flags of their first one. */
  unfinished: { readonly stream: number; readonly flags: number } | undefined
  dnsStream: number | undefined
}

/** An HTTP/2 connection that is not encrypted (RFC 9113). One event for each stream, as for each exchange in HTTP/1. */
export class Http2Session implements ProtocolSession {
  readonly #open = new Map<number, Exchange>()
  readonly #done: Exchange[] = []
  readonly #dns: Uint8Array[] = []
  readonly #ends: Readonly<Record<Speaker, End>>
  /** The highest stream that was begun. */
  #newest = 0
  #timeMs = 0
  #isOver = false

  constructor() {
    this.#ends = { client: this.#end('client'), server: this.#end('server') }
  }

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    if (this.#isOver) return 'nothing'
    this.#timeMs = timeMs
    this.#ends[speaker].frames.push(bytes)
    this.#tellDone(timeMs, tell)
    const { client, server } = this.#ends
    if (!client.frames.isBroken || !server.frames.isBroken) return 'more'
    this.end(timeMs, tell)
    return 'nothing'
  }

  gap(speaker: Speaker, length: number): Wants {
    this.#ends[speaker].frames.gap(length)
    return this.#isOver ? 'nothing' : 'more'
  }

  end(timeMs: number, tell: Tell): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const exchange of this.#open.values()) this.#done.push(exchange)
    this.#open.clear()
    this.#tellDone(timeMs, tell)
  }

  #end(speaker: Speaker): End {
    const end: End = {
      frames: new FrameStream(speaker === 'client', {
        frame: (type, flags, stream, payload) => this.#frame(speaker, end, type, flags, stream, payload),
        data: (stream, payload) => this.#data(speaker, end, stream, payload),
        dataEnd: (stream, flags) => this.#dataEnd(speaker, end, stream, flags),
      }),
      decoder: new HeaderDecoder(),
      block: new ByteQueue(MOST_BLOCK),
      dns: new ByteQueue(MOST_DNS),
      unfinished: undefined,
      dnsStream: undefined,
    }
    return end
  }

  #frame(speaker: Speaker, end: End, type: number, flags: number, stream: number, payload: Uint8Array): void {
    if (type === frameType.reset) {
      this.#reset(stream)
      return
    }
    const continued = end.unfinished
    // Nothing may stand between the frames of one block (RFC 9113, 6.10).
    if ((type === frameType.continuation) !== (continued !== undefined)) {
      end.frames.isBroken = true
      return
    }
    const fragment = type === frameType.continuation ? payload : fragmentOf(type, flags, payload)
    const about = continued ?? { stream: type === frameType.push ? promised(flags, payload) : stream, flags }
    const isWhole = (flags & frameFlag.endHeaders) !== 0
    const isAlone = isWhole && continued === undefined
    if (fragment === undefined || (!isAlone && end.block.append(fragment) < fragment.length)) {
      end.frames.isBroken = true
      return
    }
    end.unfinished = isWhole ? undefined : about
    if (!isWhole) return
    const block = isAlone ? fragment : end.block.view()
    this.#headers(type === frameType.push ? 'client' : speaker, end, block, about.stream, about.flags)
    if (!isAlone) end.block.clear()
  }

  #headers(speaker: Speaker, end: End, block: Uint8Array, stream: number, flags: number): void {
    const headers = new Headers()
    end.decoder.read(block, (name, value) => headers.add(name, value))
    if (end.decoder.isBroken) end.frames.isBroken = true
    // A response to what was given up.
    if (speaker === 'server' && stream <= this.#newest && !this.#open.has(stream)) return
    const exchange = this.#open.get(stream) ?? this.#begin(stream)
    if (speaker === 'client') this.#begun(exchange, headers)
    // Interim responses are followed by another one, a body by trailers.
    else if (exchange.response === undefined || /^1\d\d$/.test(exchange.response.value(':status') ?? '')) {
      exchange.response = headers
      exchange.responseStartMs = this.#timeMs
    }
    if ((flags & frameFlag.endStream) !== 0) this.#endSide(speaker, exchange)
    this.#giveWay()
  }

  #begun(exchange: Exchange, headers: Headers): void {
    if (exchange.request !== undefined) return
    exchange.request = headers
    // RFC 8484, 4.1: a question may stand in the target.
    const question = /[?&]dns=([\w-]{16,2732})(?:&|$)/.exec(headers.value(':path') ?? '')?.[1]
    const message = question === undefined ? undefined : Buffer.from(question, 'base64url')
    if (message !== undefined && looksLikeMessage(message, true) === 'yes') this.#dns.push(message)
  }

  #begin(stream: number): Exchange {
    const exchange = new Exchange(stream)
    this.#newest = Math.max(this.#newest, stream)
    this.#open.set(stream, exchange)
    return exchange
  }

  #giveWay(): void {
    let cost = 0
    for (const exchange of this.#open.values()) cost += exchange.cost
    for (const [stream, exchange] of this.#open) {
      if (this.#open.size <= MOST_OPEN && (cost <= MOST_OPEN_COST || this.#open.size === 1)) return
      cost -= exchange.cost
      this.#open.delete(stream)
      this.#done.push(exchange)
    }
  }

  #data(speaker: Speaker, end: End, stream: number, payload: Uint8Array): void {
    const exchange = this.#open.get(stream)
    if (exchange === undefined) return
    if (speaker === 'client') exchange.requestLength += payload.length
    else exchange.responseLength += payload.length
    const headers = speaker === 'client' ? exchange.request : exchange.response
    if (headers?.value('content-type') !== DNS_MESSAGE) return
    if (end.dnsStream !== stream) end.dns.drop(end.dns.length)
    end.dnsStream = stream
    end.dns.append(payload)
  }

  #dataEnd(speaker: Speaker, end: End, stream: number, flags: number): void {
    if ((flags & frameFlag.endStream) === 0) return
    if (end.dnsStream === stream) {
      this.#dns.push(end.dns.view().slice())
      end.dns.clear()
      end.dnsStream = undefined
    }
    const exchange = this.#open.get(stream)
    if (exchange !== undefined) this.#endSide(speaker, exchange)
  }

  #endSide(speaker: Speaker, exchange: Exchange): void {
    if (speaker === 'server') exchange.isResponseOver = true
    else {
      exchange.isRequestOver = true
      exchange.requestEndMs ??= this.#timeMs
    }
    // The request of an upgraded connection was made in HTTP/1 (RFC 7540, 3.2).
    const hasRequest = exchange.isRequestOver || exchange.request === undefined
    if (!hasRequest || !exchange.isResponseOver) return
    this.#open.delete(exchange.stream)
    this.#done.push(exchange)
  }

  #reset(stream: number): void {
    const exchange = this.#open.get(stream)
    if (exchange === undefined) return
    exchange.isReset = true
    this.#open.delete(stream)
    this.#done.push(exchange)
  }

  #tellDone(timeMs: number, tell: Tell): void {
    for (const message of this.#dns.splice(0))
      for (const dns of readMessage(message)) tell('dns', { dns }, timeMs)
    for (const exchange of this.#done.splice(0)) tell('http', { http: exchange.facts() }, timeMs)
  }
}

/** Without padding and what else stands before the headers (RFC 9113, 6.2, 6.6). */
function fragmentOf(type: number, flags: number, payload: Uint8Array): Uint8Array | undefined {
  const isPadded = (flags & frameFlag.padded) !== 0
  const padding = isPadded ? (payload[0] ?? 0) : 0
  const before =
    (isPadded ? 1 : 0) + (type === frameType.push ? 4 : (flags & frameFlag.priority) === 0 ? 0 : 5)
  return before + padding > payload.length ? undefined : payload.subarray(before, payload.length - padding)
}

/** The stream that a push promises. */
function promised(flags: number, payload: Uint8Array): number {
  const at = (flags & frameFlag.padded) === 0 ? 0 : 1
  return (
    (((payload[at] ?? 0) & 0x7f) << 24) |
    ((payload[at + 1] ?? 0) << 16) |
    ((payload[at + 2] ?? 0) << 8) |
    (payload[at + 3] ?? 0)
  )
}
