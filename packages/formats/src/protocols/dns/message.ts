import type { DnsFacts, DnsRecord } from '@vedette/model'
import { ByteReader } from '../bytes/byte-reader.ts'
import { readDomainName } from './domain-name.ts'
import { nameFacts } from './name-facts.ts'
import { className, opcodeName, rcodeName, typeName } from './names.ts'
import { dataText } from './record-data.ts'

export const HEADER_BYTES = 12
/** That are told of one section, and that are looked at in all. */
const MOST_RECORDS = 64
const MOST_LOOKED_AT = 1024
const MOST_QUESTIONS = 32
const MOST_OPCODE = 6
const OPT = 41
/** mDNS uses the first bit of a class for other things (RFC 6762, 5.4 and 10.2). */
const CLASS_BITS = 0x7fff
const FLAGS = [
  ['AA', 0x0400],
  ['TC', 0x0200],
  ['RD', 0x0100],
  ['RA', 0x0080],
  ['Z', 0x0040],
  ['AD', 0x0020],
  ['CD', 0x0010],
] as const

interface Question {
  readonly hostname: string
  readonly query_type: string
  readonly query_class: string
}

type Edns = NonNullable<DnsFacts['edns']>

/** What stands in a message (RFC 1035, 4): of a query one for each question, of an answer one. */
export function readMessage(message: Uint8Array): readonly DnsFacts[] {
  const reader = new ByteReader(message)
  const transactionId = reader.u16()
  const bits = reader.u16()
  const [questions, answers, authorities, additionals] = [
    reader.u16(),
    reader.u16(),
    reader.u16(),
    reader.u16(),
  ]
  if (reader.short) return []
  const walk = new Walk(message)
  const asked = walk.questions(questions)
  // What cannot be read this far is no message.
  if (walk.anomaly === 'malformed' || ((bits >> 11) & 15) > MOST_OPCODE) return []
  const sections = [walk.section(answers), walk.section(authorities), walk.section(additionals)] as const
  const isAnswer = (bits & 0x8000) !== 0
  const [answered, authority, additional] = sections
  const common = {
    type: isAnswer ? 'answer' : 'query',
    transaction_id: transactionId,
    opcode: opcodeName((bits >> 11) & 15),
    flags: FLAGS.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name),
    ...(isAnswer ? { rcode: rcodeName((bits & 15) | (walk.extendedRcode << 4)) } : {}),
    ...(answered.length === 0 ? {} : { answers: answered }),
    ...(authority.length === 0 ? {} : { authorities: authority }),
    ...(additional.length === 0 ? {} : { additionals: additional }),
    ...(walk.edns === undefined ? {} : { edns: walk.edns }),
    ...(walk.anomaly === undefined ? {} : { anomalies: [walk.anomaly] }),
  } as const
  // Answers of mDNS ask nothing (RFC 6762, 6): they are about their first record.
  const first = answered[0]
  const none = {
    hostname: first?.name ?? '',
    query_type: first?.type ?? '',
    query_class: first === undefined ? '' : 'IN',
  }
  return (isAnswer ? [asked[0] ?? none] : asked).map((question) => ({
    ...question,
    ...nameFacts(question.hostname),
    ...common,
  }))
}

/** Goes through a message, and stops where it cannot be read. */
class Walk {
  anomaly: string | undefined
  edns: Edns | undefined
  extendedRcode = 0
  readonly #message: Uint8Array
  #at = HEADER_BYTES
  #lookedAt = 0

  constructor(message: Uint8Array) {
    this.#message = message
  }

  questions(count: number): Question[] {
    const found: Question[] = []
    for (let n = 0; n < count && this.anomaly === undefined; n += 1) {
      const name = readDomainName(this.#message, this.#at)
      if (name === undefined) this.#stop()
      else {
        const reader = new ByteReader(this.#message, name.end)
        const type = reader.u16()
        const queryClass = reader.u16()
        if (reader.short) this.#stop()
        else if (n < MOST_QUESTIONS)
          found.push({
            hostname: name.text,
            query_type: typeName(type),
            query_class: className(queryClass === 255 ? queryClass : queryClass & CLASS_BITS),
          })
        else this.anomaly = 'extra-questions'
        this.#at = reader.position
      }
    }
    return found
  }

  section(count: number): DnsRecord[] {
    const records: DnsRecord[] = []
    for (let n = 0; n < count && this.anomaly === undefined; n += 1) {
      this.#lookedAt += 1
      if (this.#lookedAt > MOST_LOOKED_AT) {
        this.anomaly = 'extra-records'
        break
      }
      const record = this.#record()
      if (record !== undefined && records.length < MOST_RECORDS) records.push(record)
    }
    return records
  }

  /** RFC 1035, 4.1.3; OPT says other things in the same places (RFC 6891, 6.1.3). */
  #record(): DnsRecord | undefined {
    const name = readDomainName(this.#message, this.#at)
    if (name === undefined) return this.#stop()
    const reader = new ByteReader(this.#message, name.end)
    const type = reader.u16()
    const recordClass = reader.u16()
    const ttl = reader.u32()
    const length = reader.u16()
    if (reader.short || length > reader.left) return this.#stop()
    const from = reader.position
    this.#at = from + length
    if (type === OPT) {
      const high = Math.floor(ttl / 65_536)
      this.extendedRcode = high >> 8
      this.edns = { udp_size: recordClass, version: high & 255, dnssec_ok: (ttl & 0x8000) !== 0 }
      return undefined
    }
    return {
      name: name.text,
      type: typeName(type),
      rdata: dataText(this.#message, type, from, this.#at),
      ttl,
    }
  }

  #stop(): undefined {
    this.anomaly = this.#at >= this.#message.length ? 'truncated' : 'malformed'
    return undefined
  }
}
