import { ByteQueue } from '../bytes/byte-queue.ts'
import { u16 } from '../bytes/little-endian.ts'
import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { type Contexts, isDceRpc, readPdu } from './pdu.ts'

const HEADER = 16
/** Of a unit so much is kept: calls name themselves in their first bytes, and binds are short. */
const MOST_KEPT = 4096
const BIND = 11
const BIND_ACK = 12

/** DCE/RPC over TCP (C706, MS-RPCE): which interfaces are bound, and which of their calls are made. */
export const dceRpcParser: ProtocolParser = {
  name: 'dcerpc',
  transports: ['tcp'],
  ports: [135],
  recognise(speaker, head) {
    if (head.length > 0 && head[0] !== 5) return 'no'
    if (head.length > 1 && (head[1] ?? 9) > 1) return 'no'
    if (head.length < HEADER) return 'maybe'
    // A connection begins with a bind; lengths are those of a unit.
    const type = speaker === 'client' ? BIND : BIND_ACK
    return isDceRpc(head) && head[2] === type && u16(head, 8) >= 24 ? 'yes' : 'no'
  },
  open: () => new DceRpcSession(),
}

class DceRpcSession implements ProtocolSession {
  readonly #held = new ByteQueue(MOST_KEPT)
  readonly #contexts: Contexts = new Map()
  #toSkip = 0

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    if (speaker === 'server') return 'more'
    let at = 0
    while (at < bytes.length) {
      if (this.#toSkip > 0) {
        const skipped = Math.min(this.#toSkip, bytes.length - at)
        this.#toSkip -= skipped
        at += skipped
        continue
      }
      at += this.#fill(bytes, at, HEADER)
      const head = this.#held.view()
      if (head.length < HEADER) return 'more'
      const length = u16(head, 8)
      if (!isDceRpc(head) || length < HEADER) return 'nothing'
      const kept = Math.min(length, MOST_KEPT)
      at += this.#fill(bytes, at, kept)
      if (this.#held.length < kept) return 'more'
      const dcerpc = readPdu(this.#held.view(), this.#contexts)
      if (dcerpc !== undefined) tell('dcerpc', { dcerpc }, timeMs)
      this.#held.clear()
      this.#toSkip = length - kept
    }
    return 'more'
  }

  gap(speaker: Speaker, length: number): Wants {
    if (speaker === 'server') return 'more'
    if (this.#held.length > 0 || length > this.#toSkip) return 'nothing'
    this.#toSkip -= length
    return 'more'
  }

  end(): void {
    // Each unit was told at once.
  }

  #fill(bytes: Uint8Array, from: number, wanted: number): number {
    const missing = wanted - this.#held.length
    return missing <= 0 ? 0 : this.#held.append(bytes, from, Math.min(bytes.length, from + missing))
  }
}
