import type { RdpFacts } from '@vedette/model'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { startsWith } from '../bytes/text.ts'
import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { readClientData, readConfirm, readRequest } from './messages.ts'

const TPKT = 4
/** TPKT and the fixed part of X.224. */
const FIXED = 11
const MOST_MESSAGE = 8192
const REQUEST = 0xe0
const CONFIRM = 0xd0
const DATA = 0xf0

/** RDP (MS-RDPBCGR): who connects, and what both ends agree on, up to where TLS begins. */
export const rdpParser: ProtocolParser = {
  name: 'rdp',
  transports: ['tcp'],
  ports: [3389],
  recognise(speaker, head, ends) {
    const expected = [3, 0]
    for (const [at, byte] of expected.entries()) if (at < head.length && head[at] !== byte) return 'no'
    if (head.length < 6) return 'maybe'
    const length = ((head[2] ?? 0) << 8) | (head[3] ?? 0)
    const type = speaker === 'client' ? REQUEST : CONFIRM
    if (length < 7 || length > 512 || head[5] !== type) return 'no'
    // Other things speak X.224 as well (ISO on TCP, port 102): the cookie or the negotiation tell.
    if (length <= FIXED) return ends.serverPort === 3389 ? 'yes' : 'no'
    if (head.length < FIXED + 4) return 'maybe'
    return saysRdp(speaker, head) ? 'yes' : 'no'
  },
  open: () => new RdpSession(),
}

/** A cookie, or a negotiation: type, flags, and its length of eight bytes. */
function saysRdp(speaker: Speaker, head: Uint8Array): boolean {
  const type = head[FIXED]
  const isNegotiation = head[FIXED + 2] === 8 && head[FIXED + 3] === 0
  if (speaker === 'server') return isNegotiation && (type === 2 || type === 3)
  return (isNegotiation && type === 1) || startsWith(head.subarray(FIXED), 'Cook') === 'yes'
}

class RdpSession implements ProtocolSession {
  readonly #held = { client: new ByteQueue(MOST_MESSAGE), server: new ByteQueue(MOST_MESSAGE) }
  #facts: RdpFacts = { requested_protocols: [] }
  #isTold = false
  /** Something of RDP was read. */
  #wasRead = false

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const held = this.#held[speaker]
    let at = 0
    while (at < bytes.length) {
      at += held.append(bytes, at, at + Math.min(bytes.length - at, Math.max(0, TPKT - held.length)))
      const head = held.view()
      if (head.length < TPKT) return 'more'
      const length = ((head[2] ?? 0) << 8) | (head[3] ?? 0)
      if (head[0] !== 3 || length < 7 || length > MOST_MESSAGE) return this.#stop(timeMs, tell)
      at += held.append(bytes, at, at + Math.min(bytes.length - at, length - head.length))
      if (held.length < length) return 'more'
      const wants = this.#message(speaker, held.view(), timeMs, tell)
      held.clear()
      if (wants !== 'more') return wants
    }
    return 'more'
  }

  gap(): Wants {
    return 'nothing'
  }

  end(timeMs: number, tell: Tell): void {
    if (this.#isTold || !this.#wasRead) return
    this.#isTold = true
    tell('rdp', { rdp: this.#facts }, timeMs)
  }

  #message(speaker: Speaker, message: Uint8Array, timeMs: number, tell: Tell): Wants {
    const type = message[5]
    this.#wasRead ||= type === REQUEST || type === CONFIRM
    if (speaker === 'client' && type === REQUEST) this.#facts = { ...this.#facts, ...readRequest(message) }
    else if (speaker === 'server' && type === CONFIRM) {
      this.#facts = { ...this.#facts, ...readConfirm(message) }
      const { selected_protocol: selected, failure } = this.#facts
      if (failure !== undefined) return this.#stop(timeMs, tell)
      if (selected !== 'rdp') {
        this.end(timeMs, tell)
        return 'other'
      }
    } else if (speaker === 'client' && type === DATA) {
      this.#facts = { ...this.#facts, ...readClientData(message) }
      return this.#stop(timeMs, tell)
    }
    return 'more'
  }

  #stop(timeMs: number, tell: Tell): Wants {
    this.end(timeMs, tell)
    return 'nothing'
  }
}
