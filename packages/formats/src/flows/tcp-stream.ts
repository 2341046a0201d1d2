import type { Speaker } from '../protocols/protocol-parser.ts'
import type { ByteBudget } from './byte-budget.ts'

/** Takes what an end said, in order. */
export interface StreamSink {
  push(speaker: Speaker, bytes: Uint8Array, timeMs: number): void
  gap(speaker: Speaker, length: number): void
}

interface Segment {
  sequence: number
  bytes: Uint8Array
}

/** What waits for bytes before it, of one direction. */
const MOST_WAITING_BYTES = 256 << 10
const MOST_WAITING = 128

/**
 * One direction of a TCP connection, put into order (RFC 9293, 3.4). Of bytes that come twice the first count. Bytes that are
 * missing are waited for until the receiver has acknowledged them, which means that it has them and the capture will not
 * see them, or until too much waits: then the sink is told of a gap.
 */
export class TcpStream {
  readonly #speaker: Speaker
  readonly #sink: StreamSink
  readonly #budget: ByteBudget
  /** In order; none overlaps another one, all lie behind `#next`. */
  readonly #waiting: Segment[] = []
  #waitingBytes = 0
  #known = false
  /** Number of the next byte, signed 32 bits: numbers are compared by their difference, so that they may wrap. */
  #next = 0

  constructor(speaker: Speaker, sink: StreamSink, budget: ByteBudget) {
    this.#speaker = speaker
    this.#sink = sink
    this.#budget = budget
  }

  /** How far a sequence number is ahead of what was handed on; negative where it is behind. */
  #ahead(sequence: number): number {
    return (sequence - this.#next) | 0
  }

  /** Says which byte is the first. Later calls change nothing. */
  startAt(sequence: number): void {
    if (this.#known) return
    this.#known = true
    this.#next = sequence | 0
  }

  /** @param missing bytes that followed on the wire and were cut away by the capture */
  push(
    sequence: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    missing: number,
    timeMs: number,
  ): void {
    // Where the beginning was not seen, it begins here.
    this.startAt(sequence)
    const ahead = this.#ahead(sequence)
    if (ahead > 0) {
      this.#wait(sequence, bytes, start, end, timeMs)
      return
    }
    let from = start - ahead
    const unseen = Math.max(0, from - end)
    while (from < end) {
      // Up to what waits already: that came first.
      const [waiting] = this.#waiting
      const room = waiting === undefined ? end - from : Math.min(end - from, this.#ahead(waiting.sequence))
      const next = this.#next
      if (room > 0) this.#hand(bytes.subarray(from, from + room), timeMs)
      this.#drain(timeMs)
      from += (this.#next - next) | 0
    }
    // Told at once: these bytes will not come.
    const lost = missing - unseen
    if (missing > 0 && lost > 0) this.#skip(lost)
    this.#drain(timeMs)
  }

  /** The other end has all bytes before that number. */
  acknowledged(sequence: number, timeMs: number): void {
    for (;;) {
      const [first] = this.#waiting
      if (first === undefined || ((sequence - first.sequence) | 0) < 0) return
      this.#skip(this.#ahead(first.sequence))
      this.#drain(timeMs)
    }
  }

  /** Hands on what waits, with its gaps. */
  flush(timeMs: number): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      this.#skip(this.#ahead(first.sequence))
      this.#drain(timeMs)
    }
  }

  /** Forgets what waits: nobody wants it any more. */
  drop(): void {
    this.#budget.give(this.#waitingBytes)
    this.#waitingBytes = 0
    this.#waiting.length = 0
  }

  #hand(bytes: Uint8Array, timeMs: number): void {
    this.#next = (this.#next + bytes.length) | 0
    this.#sink.push(this.#speaker, bytes, timeMs)
  }

  #skip(length: number): void {
    if (length <= 0) return
    this.#next = (this.#next + length) | 0
    this.#sink.gap(this.#speaker, length)
  }

  /** Hands on what is next now. */
  #drain(timeMs: number): void {
    for (;;) {
      const [first] = this.#waiting
      if (first === undefined) return
      const ahead = this.#ahead(first.sequence)
      if (ahead > 0) return
      this.#waiting.shift()
      this.#waitingBytes -= first.bytes.length
      this.#budget.give(first.bytes.length)
      if (-ahead < first.bytes.length) this.#hand(first.bytes.subarray(-ahead), timeMs)
    }
  }

  /** Keeps a copy of those bytes that do not wait already. */
  #wait(sequence: number, bytes: Uint8Array, start: number, end: number, timeMs: number): void {
    let from = start
    let at = sequence
    for (let place = 0; from < end; place += 1) {
      const segment = this.#waiting[place]
      const before = segment === undefined ? end - from : (segment.sequence - at) | 0
      if (before > 0) {
        const length = Math.min(before, end - from)
        if (!this.#insert(place, at, bytes, from, from + length, timeMs)) return
        from += length
        at = (at + length) | 0
        if (segment === undefined) return
        continue
      }
      if (segment === undefined) return
      // What lies within this segment is there already.
      const covered = (segment.sequence + segment.bytes.length - at) | 0
      if (covered > 0) {
        from += covered
        at = (at + covered) | 0
      }
    }
  }

  /** Returns false where the wait had to be ended instead. */
  #insert(
    place: number,
    sequence: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    timeMs: number,
  ): boolean {
    const length = end - start
    const full = this.#waiting.length >= MOST_WAITING || this.#waitingBytes + length > MOST_WAITING_BYTES
    if (full || !this.#budget.take(length)) {
      this.flush(timeMs)
      // What is there now may be all before it, or reach into it.
      const ahead = this.#ahead(sequence)
      if (ahead > 0) this.#skip(ahead)
      const from = start - Math.min(0, ahead)
      if (from < end) this.#hand(bytes.subarray(from, end), timeMs)
      return false
    }
    this.#waiting.splice(place, 0, { sequence, bytes: bytes.slice(start, end) })
    this.#waitingBytes += length
    return true
  }
}
