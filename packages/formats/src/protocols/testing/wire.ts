import { text } from './converse.ts'

/** A big-endian number of so many bytes. */
export function number(value: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, 0, size)
  return bytes
}

/** Parts one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

/** Parts after their length in so many bytes. */
export function measured(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = joined(...parts)
  return joined(number(body.length, size), body)
}

const numbers = (values: readonly number[]): Uint8Array[] => values.map((value) => number(value, 2))

export interface HelloParts {
  readonly version?: number
  readonly sessionId?: Uint8Array
  readonly ciphers: readonly number[]
  /** In order; those without body here are empty. */
  readonly extensions: readonly number[]
  readonly bodies?: Readonly<Record<number, Uint8Array>>
}

/** Bodies of the extensions that are read. */
export const extensionBody = {
  serverName: (name: string) => measured(2, Buffer.from([0]), measured(2, text(name))),
  alpn: (names: readonly string[]) => measured(2, ...names.map((name) => measured(1, text(name)))),
  numbers16: (values: readonly number[]) => measured(2, ...numbers(values)),
  versions: (values: readonly number[]) => measured(1, ...numbers(values)),
  formats: (values: readonly number[]) => measured(1, Uint8Array.from(values)),
}

function extensions({ extensions: types, bodies = {} }: HelloParts): Uint8Array {
  return measured(
    2,
    ...types.map((type) => joined(number(type, 2), measured(2, bodies[type] ?? new Uint8Array(0)))),
  )
}

/** Body of a client hello (RFC 8446, 4.1.2). */
export function clientHello(parts: HelloParts): Uint8Array {
  return joined(
    number(parts.version ?? 0x0303, 2),
    new Uint8Array(32).fill(7),
    measured(1, parts.sessionId ?? new Uint8Array(0)),
    measured(2, ...numbers(parts.ciphers)),
    measured(1, Uint8Array.of(0)),
    extensions(parts),
  )
}

/** Body of a server hello; the first cipher is the chosen one. */
export function serverHello(parts: HelloParts): Uint8Array {
  return joined(
    number(parts.version ?? 0x0303, 2),
    new Uint8Array(32).fill(9),
    measured(1, parts.sessionId ?? new Uint8Array(0)),
    number(parts.ciphers[0] ?? 0, 2),
    Uint8Array.of(0),
    extensions(parts),
  )
}

export const handshake = (type: number, body: Uint8Array): Uint8Array =>
  joined(Uint8Array.of(type), measured(3, body))

export const record = (type: number, body: Uint8Array): Uint8Array =>
  joined(Uint8Array.of(type, 3, 3), measured(2, body))

/** A Certificate message of TLS 1.2. */
export function certificates(...ders: readonly Uint8Array[]): Uint8Array {
  return measured(3, ...ders.map((der) => measured(3, der)))
}

/** SSH: a packet with eight bytes of padding (RFC 4253, 6). */
export function sshPacket(type: number, body: Uint8Array): Uint8Array {
  return measured(4, Uint8Array.of(8, type), body, new Uint8Array(8))
}

/** SSH_MSG_KEXINIT with these ten lists. */
export function kexInit(lists: readonly string[]): Uint8Array {
  return sshPacket(
    20,
    joined(new Uint8Array(16).fill(3), ...lists.map((list) => measured(4, text(list))), new Uint8Array(5)),
  )
}

/** A domain name without compression. */
export function domainName(name: string): Uint8Array {
  const labels = name === '' ? [] : name.split('.')
  return joined(...labels.map((label) => measured(1, text(label))), Uint8Array.of(0))
}

export interface DnsParts {
  readonly id?: number
  readonly flags: number
  readonly questions?: readonly Uint8Array[]
  readonly answers?: readonly Uint8Array[]
  readonly authorities?: readonly Uint8Array[]
  readonly additionals?: readonly Uint8Array[]
}

export function dnsMessage(parts: DnsParts): Uint8Array {
  const sections = [
    parts.questions ?? [],
    parts.answers ?? [],
    parts.authorities ?? [],
    parts.additionals ?? [],
  ]
  return joined(
    number(parts.id ?? 0x1234, 2),
    number(parts.flags, 2),
    ...sections.map((section) => number(section.length, 2)),
    ...sections.flat(),
  )
}

export const dnsQuestion = (name: string, type: number, queryClass = 1): Uint8Array =>
  joined(domainName(name), number(type, 2), number(queryClass, 2))

/** A record whose name is that of the first question, by a pointer. */
export const dnsRecord = (type: number, data: Uint8Array, ttl = 300): Uint8Array =>
  joined(number(0xc00c, 2), number(type, 2), number(1, 2), number(ttl, 4), measured(2, data))
