/** Fragments of one datagram. */
interface Datagram {
  readonly key: string
  readonly startedMs: number
  /** Its payload so far; `have` has a 1 for each unit of 8 bytes that came. */
  bytes: Uint8Array
  have: Uint8Array
  units: number
  /** Length of the whole, once its last fragment came; else -1. */
  length: number
  packets: number
  wireBytes: number
}

/** A datagram that is whole again. */
export interface Reassembled {
  readonly payload: Uint8Array
  readonly packets: number
  readonly wireBytes: number
}

export interface FragmentLimits {
  /** Most datagrams of which fragments are kept. */
  readonly datagrams: number
  /** Bytes kept in all. */
  readonly bytes: number
  /** One that is not whole after so long is given up (RFC 791, 3.2 and RFC 8200, 4.5 say 15 s and 60 s). */
  readonly timeoutMs: number
}

const LONGEST_DATAGRAM = 65_535

/** Puts IP datagrams together again. Of bytes that come twice the first count. Bounded, and counts what it gives up. */
export class Fragments {
  readonly #limits: FragmentLimits
  /** In the order in which they began. */
  readonly #datagrams = new Map<string, Datagram>()
  #bytes = 0
  #givenUp = 0

  constructor(limits: FragmentLimits = { datagrams: 1024, bytes: 8 << 20, timeoutMs: 30_000 }) {
    this.#limits = limits
  }

  /** Fragments that never made a whole, or that cannot be ones. */
  get givenUp(): number {
    return this.#givenUp
  }

  /**
   * @param key names the datagram: its ends, protocol and identification
   * @param at where the fragment belongs in the datagram's payload, bytes
   * @returns the datagram when this fragment was the last that was missing
   */
  add(
    key: string,
    fragment: Uint8Array,
    at: number,
    more: boolean,
    wireLength: number,
    timeMs: number,
  ): Reassembled | undefined {
    this.#expire(timeMs)
    const end = at + fragment.length
    // All but the last have whole units of 8 bytes.
    if (end > LONGEST_DATAGRAM || fragment.length === 0 || (more && fragment.length % 8 !== 0)) {
      this.#givenUp += 1
      return undefined
    }
    let datagram = this.#datagrams.get(key)
    if (datagram === undefined) {
      if (this.#datagrams.size >= this.#limits.datagrams) this.#dropOldest()
      datagram = {
        key,
        startedMs: timeMs,
        bytes: new Uint8Array(0),
        have: new Uint8Array(0),
        units: 0,
        length: -1,
        packets: 0,
        wireBytes: 0,
      }
      this.#datagrams.set(key, datagram)
    }
    datagram.packets += 1
    datagram.wireBytes += wireLength
    if (!more && datagram.length < 0) datagram.length = end
    this.#grow(datagram, end)
    fill(datagram, fragment, at)
    if (datagram.length < 0 || datagram.units < Math.ceil(datagram.length / 8)) {
      while (this.#bytes > this.#limits.bytes) this.#dropOldest()
      return undefined
    }
    this.#forget(datagram)
    return {
      payload: datagram.bytes.subarray(0, datagram.length),
      packets: datagram.packets,
      wireBytes: datagram.wireBytes,
    }
  }

  #grow(datagram: Datagram, end: number): void {
    if (end <= datagram.bytes.length) return
    const size = Math.min(LONGEST_DATAGRAM + 1, Math.max(2048, 2 ** Math.ceil(Math.log2(end))))
    const bytes = new Uint8Array(size)
    bytes.set(datagram.bytes)
    const have = new Uint8Array(size / 8)
    have.set(datagram.have)
    this.#bytes += size - datagram.bytes.length
    datagram.bytes = bytes
    datagram.have = have
  }

  #expire(timeMs: number): void {
    for (const datagram of this.#datagrams.values()) {
      if (timeMs - datagram.startedMs < this.#limits.timeoutMs) return
      this.#giveUp(datagram)
    }
  }

  #dropOldest(): void {
    const oldest = this.#datagrams.values().next()
    if (!oldest.done) this.#giveUp(oldest.value)
  }

  #giveUp(datagram: Datagram): void {
    this.#givenUp += datagram.packets
    this.#forget(datagram)
  }

  #forget(datagram: Datagram): void {
    this.#bytes -= datagram.bytes.length
    this.#datagrams.delete(datagram.key)
  }
}

/** Takes the units that were not there yet. */
function fill(datagram: Datagram, fragment: Uint8Array, at: number): void {
  const { bytes, have } = datagram
  for (let from = 0; from < fragment.length; from += 8) {
    const unit = (at + from) >> 3
    if (have[unit] === 1) continue
    have[unit] = 1
    datagram.units += 1
    bytes.set(fragment.subarray(from, Math.min(from + 8, fragment.length)), at + from)
  }
}
