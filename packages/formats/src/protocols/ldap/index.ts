import { ByteQueue } from '../bytes/byte-queue.ts'
import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { type Draft, looksLikeLdap, messageLength, readLdap } from './message.ts'
import { resultName } from './results.ts'

/** Of a message so much is kept: requests are short, and of answers the first bytes count. */
const MOST_KEPT = 16_384
const MOST_LENGTH = 64 << 20
const MOST_WAITING = 64
const START_TLS = '1.3.6.1.4.1.1466.20037'

/** LDAP (RFC 4511): who logs on to a directory, what is looked for and changed, up to where it is encrypted. */
export const ldapParser: ProtocolParser = {
  name: 'ldap',
  transports: ['tcp', 'udp'],
  ports: [389, 3268],
  recognise(_speaker, head, ends) {
    const answer = looksLikeLdap(head)
    return answer === 'maybe' && ends.transport === 'udp' ? 'no' : answer
  },
  open: () => new LdapSession(),
}

class LdapSession implements ProtocolSession {
  readonly #held = { client: new ByteQueue(MOST_KEPT), server: new ByteQueue(MOST_KEPT) }
  readonly #toSkip = { client: 0, server: 0 }
  readonly #asked = new Map<number, Draft>()

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const held = this.#held[speaker]
    let at = 0
    while (at < bytes.length) {
      if (this.#toSkip[speaker] > 0) {
        const skipped = Math.min(this.#toSkip[speaker], bytes.length - at)
        this.#toSkip[speaker] -= skipped
        at += skipped
        continue
      }
      // The length takes up to four bytes more.
      let length = messageLength(held.view())
      while (length === 0 && at < bytes.length) {
        at += held.append(bytes, at, at + 1)
        length = messageLength(held.view())
      }
      if (length === 0) return 'more'
      // What is signed or sealed has another form.
      if (length < 0 || length > MOST_LENGTH) return 'nothing'
      const kept = Math.min(length, MOST_KEPT)
      at += held.append(bytes, at, at + Math.min(bytes.length - at, Math.max(0, kept - held.length)))
      if (held.length < kept) return 'more'
      const wants = this.#message(held.view(), timeMs, tell)
      held.clear()
      this.#toSkip[speaker] = length - kept
      if (wants !== 'more') return wants
    }
    return 'more'
  }

  gap(speaker: Speaker, length: number): Wants {
    if (this.#held[speaker].length > 0 || length > this.#toSkip[speaker]) return 'nothing'
    this.#toSkip[speaker] -= length
    return 'more'
  }

  end(timeMs: number, tell: Tell): void {
    for (const ldap of this.#asked.values()) tell('ldap', { ldap }, timeMs)
    this.#asked.clear()
  }

  #message(bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const message = readLdap(bytes)
    if (message.type === 'request') {
      this.#ask(message.facts, timeMs, tell)
      return 'more'
    }
    if (message.type === 'other') return 'more'
    const asked = this.#asked.get(message.id)
    if (asked === undefined) return 'more'
    if (message.type === 'entry') {
      asked.entries = (asked.entries ?? 0) + 1
      return 'more'
    }
    this.#asked.delete(message.id)
    asked.result_code = message.code
    asked.result = resultName(message.code)
    tell('ldap', { ldap: asked }, timeMs)
    return asked.operation === 'extended' && asked.name === START_TLS && message.code === 0 ? 'other' : 'more'
  }

  #ask(facts: Draft, timeMs: number, tell: Tell): void {
    const oldest = this.#asked.size >= MOST_WAITING ? this.#asked.keys().next().value : facts.message_id
    const before = oldest === undefined ? undefined : this.#asked.get(oldest)
    if (before !== undefined && oldest !== undefined) {
      this.#asked.delete(oldest)
      tell('ldap', { ldap: before }, timeMs)
    }
    if (facts.operation === 'search') facts.entries = 0
    this.#asked.set(facts.message_id, facts)
  }
}
