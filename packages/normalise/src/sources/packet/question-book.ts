import type { KernelProtocolRecord, ProtocolRecord } from '@vedette/model'

/** Tellings of one datagram are not further apart. */
const LONGEST_MS = 5000
/** Questions that are remembered; the oldest are forgotten first. */
const MAX_QUESTIONS = 8192

interface Told {
  kernel: number
  packet: number
  timeMs: number
}

/**
 * Knows which questions to the DNS were told already: a datagram that a process of this host sends is seen by the kernel's
 * sensor, with the process, and once more by its packets. Whoever tells of it first is heard, and the other is passed over.
 * Each datagram counts, so a question that is sent again is told again. The near end is left aside: the kernel tells of it
 * before the socket has a port, and it may be another behind an address translation.
 */
export class QuestionBook {
  readonly #told = new Map<string, Told>()

  /** Whether the other source told of this datagram before. */
  isKnown(record: KernelProtocolRecord | ProtocolRecord): boolean {
    const { transport, to, timeMs, facts } = record
    const { dns } = facts
    if (transport !== 'udp' || dns?.type !== 'query') return false
    const key = `${dns.transaction_id} ${to.ip} ${to.port} ${dns.query_type} ${dns.hostname.toLowerCase()}`
    const [mine, other] =
      record.source === 'packet' ? (['packet', 'kernel'] as const) : (['kernel', 'packet'] as const)
    let told = this.#told.get(key)
    if (told !== undefined && Math.abs(timeMs - told.timeMs) > LONGEST_MS) {
      this.#told.delete(key)
      told = undefined
    }
    if (told === undefined) {
      if (this.#told.size >= MAX_QUESTIONS) this.#forgetOldest()
      told = { kernel: 0, packet: 0, timeMs }
      this.#told.set(key, told)
    }
    told.timeMs = timeMs
    if (told[other] > 0) {
      told[other] -= 1
      if (told[other] === 0) this.#told.delete(key)
      return true
    }
    told[mine] += 1
    return false
  }

  #forgetOldest(): void {
    const oldest = this.#told.keys().next()
    if (!oldest.done) this.#told.delete(oldest.value)
  }
}
