import type { ByteReader } from '../bytes/byte-reader.ts'
import { latin1 } from '../bytes/text.ts'

/** IANA, TLS ExtensionType Values: those that are read. */
export const extension = {
  serverName: 0,
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  preSharedKey: 41,
  supportedVersions: 43,
  encryptedClientHello: 0xfe0d,
} as const

/** The extensions of a hello in their order; of one that comes twice `read` has the first. */
export class Extensions {
  readonly types: number[] = []
  readonly #bodies = new Map<number, ByteReader>()

  /** From the list's length on; a hello may end before it (RFC 5246, 7.4.1.2). */
  constructor(reader: ByteReader) {
    if (reader.left < 2) return
    const list = reader.part(reader.u16())
    while (list.left >= 4) {
      const type = list.u16()
      const body = list.part(list.u16())
      this.types.push(type)
      if (!this.#bodies.has(type)) this.#bodies.set(type, body)
    }
  }

  has(type: number): boolean {
    return this.#bodies.has(type)
  }

  /** Its body, once: a reader goes on from where it stands. */
  read(type: number): ByteReader | undefined {
    return this.#bodies.get(type)
  }
}

/** A list of 16-bit numbers after its length in bytes; what does not fit is left out. */
export function numbers(list: ByteReader | undefined): number[] {
  const found: number[] = []
  if (list === undefined) return found
  while (list.left >= 2) found.push(list.u16())
  return found
}

/** A list of names, each after its length in one byte (RFC 7301, 3.1). */
export function protocolNames(body: ByteReader | undefined): Uint8Array[] {
  const found: Uint8Array[] = []
  const list = body?.part(body.u16())
  if (list === undefined) return found
  while (list.left > 0) found.push(list.take(list.u8()))
  return found.filter((name) => name.length > 0)
}

/** The host's name (RFC 6066, 3), in lower case. */
export function serverName(body: ByteReader | undefined): string | undefined {
  const list = body?.part(body.u16())
  while (list !== undefined && list.left >= 3) {
    const type = list.u8()
    const name = list.take(list.u16())
    if (type === 0) return latin1(name, MOST_NAME).toLowerCase()
  }
  return undefined
}

const MOST_NAME = 1024
