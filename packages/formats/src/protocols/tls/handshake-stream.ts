import { ByteQueue } from '../bytes/byte-queue.ts'

/** Told of a message of the handshake, without its header; `isCut` where it was longer than what is kept. */
export type TakeMessage = (type: number, body: Uint8Array, isCut: boolean) => void

const RECORD_HEADER = 5
const MESSAGE_HEADER = 4
/** RFC 5246, 6.2.3: 2^14 and what encryption adds. */
const MOST_RECORD = 16_384 + 2048
const content = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23, heartbeat: 24 } as const
const FATAL = 2

/** What a hello of SSL 2 is told as: no type of a message. */
export const SSL_2_HELLO = 0x100

/** One direction of a TLS connection, up to where it is encrypted: records (RFC 8446, 5.1) and the messages within (4). */
export class HandshakeStream {
  /** Keys are in use from here on. */
  isEncrypted = false
  /** What follows cannot be read. */
  isBroken = false
  /** Description of an alert that ended the connection. */
  fatalAlert: number | undefined
  /** A change of keys that both ends only play (RFC 8446, D.4) is to be passed over. */
  ignoresChangeOfKeys = false
  readonly #header = new ByteQueue(RECORD_HEADER)
  readonly #message: ByteQueue
  readonly #mostMessage: number
  readonly #take: TakeMessage
  #recordType = 0
  #recordLeft = 0
  /** Of a message that is longer than what is kept. */
  #messageLeft = 0
  #alert: number[] = []
  #isFirst = true
  /** The first message is one of SSL 2, of so many bytes. */
  #ssl2Bytes = 0

  constructor(mostMessageBytes: number, take: TakeMessage) {
    this.#mostMessage = mostMessageBytes
    this.#message = new ByteQueue(mostMessageBytes)
    this.#take = take
  }

  get isOver(): boolean {
    return this.isEncrypted || this.isBroken || this.fatalAlert !== undefined
  }

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.isOver) {
      if (this.#recordLeft === 0) {
        at += this.#header.append(bytes, at, Math.min(bytes.length, at + RECORD_HEADER - this.#header.length))
        if (this.#header.length === RECORD_HEADER) this.#beginRecord()
      } else {
        const end = Math.min(bytes.length, at + this.#recordLeft)
        this.#recordLeft -= end - at
        if (this.#ssl2Bytes > 0) this.#ssl2(bytes, at, end)
        else if (this.#recordType === content.handshake) this.#messages(bytes, at, end)
        else if (this.#recordType === content.alert) this.#alerts(bytes, at, end)
        at = end
      }
    }
    if (this.isOver) this.#message.clear()
  }

  /** After a gap nothing fits together any more, but within what is passed over anyway. */
  gap(length: number): boolean {
    if (this.isOver) return false
    if (length <= this.#messageLeft && length <= this.#recordLeft) {
      this.#messageLeft -= length
      this.#recordLeft -= length
      return false
    }
    this.isBroken = true
    this.#message.clear()
    return true
  }

  #beginRecord(): void {
    const header = this.#header.view()
    const type = header[0] ?? 0
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (isFirst && type >= 0x80 && header[2] === 1) {
      this.#beginSsl2(((type & 0x7f) << 8) | (header[1] ?? 0), header.subarray(3))
      return
    }
    const length = ((header[3] ?? 0) << 8) | (header[4] ?? 0)
    const isKnown = type >= content.changeCipherSpec && type <= content.heartbeat && header[1] === 3
    this.#header.drop(RECORD_HEADER)
    if (!isKnown || length > MOST_RECORD) this.isBroken = true
    else if (type === content.data) this.isEncrypted = true
    else if (type === content.changeCipherSpec && !this.ignoresChangeOfKeys) this.isEncrypted = true
    this.#recordType = type
    this.#recordLeft = length
  }

  /** Clients that knew SSL 2 said hello in its form, to servers of any version (RFC 5246, E.2). */
  #beginSsl2(length: number, version: Uint8Array): void {
    this.#message.append(version)
    this.#header.drop(RECORD_HEADER)
    this.#recordLeft = length - 1 - version.length
    this.#ssl2Bytes = length - 1
    if (this.#recordLeft <= 0 || this.#ssl2Bytes > this.#mostMessage) this.isBroken = true
  }

  #ssl2(bytes: Uint8Array, from: number, to: number): void {
    this.#message.append(bytes, from, to)
    if (this.#message.length < this.#ssl2Bytes) return
    this.#take(SSL_2_HELLO, this.#message.view(), false)
    this.#message.drop(this.#ssl2Bytes)
    this.#ssl2Bytes = 0
  }

  #messages(bytes: Uint8Array, from: number, to: number): void {
    let at = from
    while (at < to && !this.isOver) {
      if (this.#messageLeft > 0) {
        const passed = Math.min(this.#messageLeft, to - at)
        this.#messageLeft -= passed
        at += passed
        continue
      }
      at += this.#message.append(
        bytes,
        at,
        Math.min(to, at + Math.max(0, MESSAGE_HEADER - this.#message.length)),
      )
      if (this.#message.length < MESSAGE_HEADER) return
      const head = this.#message.view()
      const length = ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0)
      const whole = MESSAGE_HEADER + length
      const wanted = Math.min(whole, this.#mostMessage)
      at += this.#message.append(bytes, at, Math.min(to, at + wanted - this.#message.length))
      if (this.#message.length < wanted) return
      const message = this.#message.view()
      this.#take(message[0] ?? 0, message.subarray(MESSAGE_HEADER), whole > wanted)
      this.#message.drop(wanted)
      this.#messageLeft = whole - wanted
    }
  }

  #alerts(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      this.#alert.push(bytes[at] ?? 0)
      if (this.#alert.length < 2) continue
      const [level, description] = this.#alert
      this.#alert = []
      if (level === FATAL) {
        this.fatalAlert = description
        return
      }
    }
  }
}
