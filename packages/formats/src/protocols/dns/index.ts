import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { readMessage } from './message.ts'
import { looksLikeMessage } from './recognise.ts'
import { DnsStream } from './stream.ts'

/** DNS, mDNS, LLMNR. */
const PORTS = [53, 5353, 5355]
const LENGTH_BYTES = 2

/** The DNS over UDP and TCP (RFC 1035), also that among neighbours (RFC 6762, 4795). */
export const dnsParser: ProtocolParser = {
  name: 'dns',
  transports: ['udp', 'tcp'],
  ports: PORTS,
  recognise(_speaker, head, ends) {
    const isOnPort = PORTS.includes(ends.serverPort) || PORTS.includes(ends.clientPort)
    if (ends.transport === 'udp') {
      const answer = looksLikeMessage(head, isOnPort)
      // A datagram does not go on.
      return answer === 'maybe' ? 'no' : answer
    }
    const length = ((head[0] ?? 0) << 8) | (head[1] ?? 0)
    if (head.length >= LENGTH_BYTES && length < 17) return 'no'
    return looksLikeMessage(head.subarray(LENGTH_BYTES, LENGTH_BYTES + length), isOnPort)
  },
  open: (ends) => (ends.transport === 'udp' ? new DatagramSession() : new StreamSession()),
}

class DatagramSession implements ProtocolSession {
  push(_speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    for (const dns of readMessage(bytes)) tell('dns', { dns }, timeMs)
    return 'more'
  }

  gap(): Wants {
    return 'more'
  }

  end(): void {
    // Each datagram was told at once.
  }
}

class StreamSession implements ProtocolSession {
  readonly #streams: Readonly<Record<Speaker, DnsStream>>
  #timeMs = 0
  #tell: Tell | undefined

  constructor() {
    const take = (message: Uint8Array): void => {
      for (const dns of readMessage(message)) this.#tell?.('dns', { dns }, this.#timeMs)
    }
    this.#streams = { client: new DnsStream(take), server: new DnsStream(take) }
  }

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    this.#timeMs = timeMs
    this.#tell = tell
    this.#streams[speaker].push(bytes)
    this.#tell = undefined
    return 'more'
  }

  gap(speaker: Speaker, length: number): Wants {
    this.#streams[speaker].gap(length)
    return 'more'
  }

  end(): void {
    // A message that is not whole says nothing.
  }
}
