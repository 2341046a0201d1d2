import { ByteQueue } from '../bytes/byte-queue.ts'
import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { type Draft, looksLikeMessage, readKerberos } from './message.ts'

const LENGTH_BYTES = 4
/** Of a message so much is kept: tickets are long, and names come before or after them. */
const MOST_KEPT = 24_000
const MOST_MESSAGE = 1_000_000
const ENOUGH = 40

/** Kerberos 5 with a KDC (RFC 4120), over UDP and TCP. */
export const kerberosParser: ProtocolParser = {
  name: 'kerberos',
  transports: ['udp', 'tcp'],
  ports: [88],
  recognise(_speaker, head, ends) {
    if (ends.transport === 'udp') return looksLikeMessage(head) ? 'yes' : 'no'
    if (head.length > 0 && head[0] !== 0) return 'no'
    if (head.length < ENOUGH) return 'maybe'
    return looksLikeMessage(head.subarray(LENGTH_BYTES)) ? 'yes' : 'no'
  },
  open: (ends) => new KerberosSession(ends.transport === 'udp'),
}

class KerberosSession implements ProtocolSession {
  readonly #isDatagram: boolean
  readonly #held = {
    client: new ByteQueue(LENGTH_BYTES + MOST_KEPT),
    server: new ByteQueue(LENGTH_BYTES + MOST_KEPT),
  }
  readonly #toSkip = { client: 0, server: 0 }
  /** A request that waits for its answer. */
  #asked: Draft | undefined

  constructor(isDatagram: boolean) {
    this.#isDatagram = isDatagram
  }

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    if (this.#isDatagram) {
      this.#message(bytes, timeMs, tell)
      return 'more'
    }
    return this.#stream(speaker, bytes, timeMs, tell)
  }

  gap(): Wants {
    // Where the next message begins is not known any more.
    return this.#isDatagram ? 'more' : 'nothing'
  }

  end(timeMs: number, tell: Tell): void {
    if (this.#asked !== undefined) tell('kerberos', { kerberos: this.#asked }, timeMs)
    this.#asked = undefined
  }

  #stream(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const held = this.#held[speaker]
    let at = 0
    while (at < bytes.length) {
      if (this.#toSkip[speaker] > 0) {
        const skipped = Math.min(this.#toSkip[speaker], bytes.length - at)
        this.#toSkip[speaker] -= skipped
        at += skipped
        continue
      }
      at += held.append(bytes, at, at + Math.min(bytes.length - at, Math.max(0, LENGTH_BYTES - held.length)))
      if (held.length < LENGTH_BYTES) return 'more'
      const head = held.view()
      const length = ((head[0] ?? 0) << 24) | ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0)
      if (length <= 0 || length > MOST_MESSAGE) return 'nothing'
      const kept = Math.min(length, MOST_KEPT)
      at += held.append(bytes, at, at + Math.min(bytes.length - at, LENGTH_BYTES + kept - held.length))
      if (held.length < LENGTH_BYTES + kept) return 'more'
      this.#message(held.view().subarray(LENGTH_BYTES), timeMs, tell)
      held.clear()
      this.#toSkip[speaker] = length - kept
    }
    return 'more'
  }

  #message(bytes: Uint8Array, timeMs: number, tell: Tell): void {
    const facts = readKerberos(bytes)
    if (facts === undefined) return
    if (facts.msg_type === 'KRB_AS_REQ' || facts.msg_type === 'KRB_TGS_REQ') {
      // The one before was not answered.
      this.end(timeMs, tell)
      this.#asked = facts
      return
    }
    const asked = facts.msg_type === 'KRB_AP_REQ' ? undefined : this.#asked
    if (asked !== undefined) this.#asked = undefined
    tell('kerberos', { kerberos: { ...asked, ...facts } }, timeMs)
  }
}
