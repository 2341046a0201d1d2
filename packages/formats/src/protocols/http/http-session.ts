import { startsWith } from '../bytes/text.ts'
import type { ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { announced } from './framing.ts'
import { framing, MessageStream } from './message-stream.ts'
import { looksLikeRequest } from './recognise.ts'
import { Transaction } from './transaction.ts'

/** Requests that wait for their responses, and the characters that they keep: beyond, the oldest is told as it is. */
const MOST_WAITING = 64
const MOST_WAITING_COST = 8 * 1024

/** An HTTP/1 connection (RFC 9112). One event for each request and its response, when both are whole. */
export class HttpSession implements ProtocolSession {
  /** Requests without response yet, the oldest first. */
  readonly #waiting: Transaction[] = []
  /** Requests that were told before their responses came. */
  #toldAhead = 0
  /** Whole, and to be told. */
  readonly #done: Transaction[] = []
  #request: Transaction | undefined
  #response: Transaction | undefined
  /** A response that only says that another one comes. */
  #isInterim = false
  #isOther = false
  #isOver = false
  #timeMs = 0

  readonly #client = new MessageStream({
    head: (head) => {
      const transaction = this.#request ?? new Transaction()
      const { version } = transaction.takeRequest(head)
      this.#begin(transaction)
      const length = announced(head, (version ?? '').toUpperCase())
      return length === framing.untilClose ? 0 : (length ?? 0)
    },
    body: (length) => {
      if (this.#request !== undefined) this.#request.requestLength += length
    },
    over: () => {
      const transaction = this.#request
      this.#request = undefined
      if (transaction === undefined) return
      transaction.isRequestOver = true
      transaction.requestEndMs = this.#timeMs
      if (transaction.isResponseOver) this.#done.push(transaction)
    },
    anomaly: (anomaly) => this.#request?.anomalies.add(anomaly),
    accepts: (line) => /^\s*\S+\s.*\bHTTP\/|^\s*GET\s+\S/i.test(line),
    begins: (bytes) => looksLikeRequest(bytes) !== 'no',
  })

  readonly #server = new MessageStream({
    head: (head) => {
      const transaction = this.#answered()
      this.#response = transaction
      transaction.responseStartMs = this.#timeMs
      const { code, version } = transaction.takeResponse(head)
      const method = transaction.requestLine?.http_method
      const isUpgrade = code === 101 && (method === undefined || transaction.asksForUpgrade)
      this.#isInterim = code !== undefined && code >= 100 && code < 200 && !isUpgrade
      if (this.#isInterim || code === 204 || code === 304 || method === 'HEAD') return 0
      if (isUpgrade || (method === 'CONNECT' && code !== undefined && code >= 200 && code < 300)) {
        transaction.upgrade = isUpgrade
          ? (head.value('upgrade') ?? '').slice(0, 256).toLowerCase()
          : 'connect'
        transaction.isRequestOver = true
        this.#endResponse()
        this.#isOther = true
        return framing.otherProtocol
      }
      return announced(head, (version ?? '').toUpperCase()) ?? framing.untilClose
    },
    body: (length) => {
      if (this.#response !== undefined) this.#response.responseLength += length
    },
    over: () => this.#endResponse(),
    anomaly: (anomaly) => this.#response?.anomalies.add(anomaly),
    // A response in HTTP/0.9 is a body and nothing else.
    accepts: (line) => this.#waiting.length > 0 || this.#toldAhead > 0 || /^\s*HTTP\//i.test(line),
    begins: (bytes) => startsWith(bytes, 'HTTP/') !== 'no',
  })

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    if (this.#isOver) return 'nothing'
    this.#timeMs = timeMs
    const stream = speaker === 'client' ? this.#client : this.#server
    stream.push(bytes)
    this.#tellDone(timeMs, tell)
    if (this.#isOther) {
      this.#finish(timeMs, tell)
      return 'other'
    }
    if (!this.#client.isOver || !this.#server.isOver) return 'more'
    this.#finish(timeMs, tell)
    return 'nothing'
  }

  gap(speaker: Speaker, length: number): Wants {
    if (this.#isOver) return 'nothing'
    ;(speaker === 'client' ? this.#client : this.#server).gap(length)
    return 'more'
  }

  end(timeMs: number, tell: Tell): void {
    if (this.#isOver) return
    this.#timeMs = timeMs
    this.#client.end()
    this.#server.end()
    this.#finish(timeMs, tell)
  }

  /** A request's headers are whole. */
  #begin(transaction: Transaction): void {
    this.#request = transaction
    this.#waiting.push(transaction)
    let cost = 0
    for (const waiting of this.#waiting) cost += waiting.cost
    while (this.#waiting.length > MOST_WAITING || (cost > MOST_WAITING_COST && this.#waiting.length > 1)) {
      const oldest = this.#waiting.shift()
      if (oldest === undefined) return
      cost -= oldest.cost
      oldest.anomalies.add('pipelined')
      this.#toldAhead += 1
      this.#done.push(oldest)
    }
  }

  /** The request that a response is for; another one for an interim response of the same. */
  #answered(): Transaction {
    if (this.#isInterim && this.#response !== undefined) return this.#response
    const transaction = this.#toldAhead > 0 ? undefined : this.#waiting.shift()
    if (this.#toldAhead > 0) this.#toldAhead -= 1
    if (transaction !== undefined) return transaction
    const alone = new Transaction()
    alone.isRequestOver = true
    return alone
  }

  #endResponse(): void {
    const transaction = this.#response
    if (transaction === undefined || this.#isInterim) return
    this.#response = undefined
    transaction.isResponseOver = true
    if (transaction.isRequestOver) this.#done.push(transaction)
  }

  #tellDone(timeMs: number, tell: Tell): void {
    for (const transaction of this.#done.splice(0)) tell('http', { http: transaction.facts() }, timeMs)
  }

  #finish(timeMs: number, tell: Tell): void {
    this.#isOver = true
    if (this.#response !== undefined && !this.#done.includes(this.#response)) this.#done.push(this.#response)
    this.#done.push(...this.#waiting.splice(0).filter((transaction) => !this.#done.includes(transaction)))
    this.#response = undefined
    this.#tellDone(timeMs, tell)
  }
}
